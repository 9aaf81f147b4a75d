import { GatewayError } from '@isartor/shared';

/** Any thrown thing as an error with a code; what nobody foresaw is `internal`, its details for the log alone. */
export function asGatewayError(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError('internal', error instanceof Error ? error.message : String(error), { cause: error });
}
