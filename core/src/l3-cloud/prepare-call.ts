import { parseRequest, toChatBody, upstreamHeaders, withIncludeUsage, withModel } from '@isartor/shared';
import { headerPairs } from '../pipeline/header-pairs.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { Provider, ProviderCall } from './provider.port.ts';

/** The model name that leaves the choice to Isartor. */
export const AUTO_MODEL = 'isartor/auto';

/** A request in the form in which one provider gets it. */
export interface PreparedCall {
  readonly call: Omit<ProviderCall, 'signal'>;
  /** The model that is asked. */
  readonly model: string;
  /** The stream will carry a usage chunk that the client did not ask for. */
  readonly addedUsage: boolean;
}

/**
 * Makes a provider's request out of the client's: the client's bytes, but for the provider's own model where the client
 * left the choice open or named the configured default, and for the question for a stream's usage.
 */
export function prepareCall(context: RequestContext, provider: Provider, defaultModel: string): PreparedCall {
  const model = modelFor(context.request.model, provider, defaultModel);
  const { body, addedUsage } = bodyFor(context, provider, model);
  return {
    model,
    addedUsage,
    call: {
      operation: context.operation,
      body,
      query: context.upstreamQuery,
      headers: upstreamHeaders(context.operation, headerPairs(context.rawHeaders)),
      stream: context.request.stream,
      requestId: context.id,
    },
  };
}

function modelFor(asked: string | undefined, provider: Provider, defaultModel: string): string {
  return asked === undefined || asked === AUTO_MODEL || asked === defaultModel ? provider.defaultModel : asked;
}

function bodyFor(
  { operation, request }: RequestContext,
  provider: Provider,
  model: string,
): { body: Uint8Array; addedUsage: boolean } {
  if (operation === 'native.chat') return { body: toChatBody(request, model), addedUsage: false };
  const bytes = request.model === model ? request.bytes : withModel(request, model);
  if (!request.stream || !provider.asksUsage) return { body: bytes, addedUsage: false };
  const asking = withIncludeUsage(bytes === request.bytes ? request : parseRequest(operation, bytes));
  return { body: asking ?? bytes, addedUsage: asking !== undefined };
}
