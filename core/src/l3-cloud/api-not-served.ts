import { GatewayError, OPERATION_SPECS, type Operation } from '@isartor/shared';

/** What the caller of an API hears that no provider speaks; its operator hears what to configure. */
export function apiNotServed(operation: Operation): GatewayError {
  const { providerDialect, routes } = OPERATION_SPECS[operation];
  return new GatewayError(
    'api_not_served',
    `No provider behind this gateway speaks the API of ${routes[0] ?? '/v1beta/models/{model}:generateContent'}, and such requests are not translated into that of another. ` +
      `Its operator can set ISARTOR__LLM_PROVIDER=${providerDialect}, or add a provider with "dialect":"${providerDialect}" to ISARTOR__L3__PROVIDERS.`,
  );
}
