import { GatewayError } from '@isartor/shared';
import { errors } from 'undici';

/**
 * The fault that a failed call amounts to. The cause stays in the error for the log; the message, which the client may
 * see, names neither address nor port.
 */
export function faultOf(cause: unknown, signal: AbortSignal): GatewayError {
  if (signal.aborted && signal.reason instanceof GatewayError) return signal.reason;
  if (cause instanceof GatewayError) return cause;
  if (cause instanceof errors.BodyTimeoutError) {
    return new GatewayError('upstream_timeout', 'The provider stopped in the middle of its answer.', { cause });
  }
  if (cause instanceof errors.ConnectTimeoutError) {
    return new GatewayError('upstream_unreachable', 'The provider did not accept a connection in time.', { cause });
  }
  if (cause instanceof errors.HeadersOverflowError || cause instanceof errors.HTTPParserError) {
    return new GatewayError('upstream_error', 'The provider sent something that is not HTTP.', { cause });
  }
  return new GatewayError('upstream_unreachable', 'The provider could not be reached, or broke the connection off.', {
    cause,
  });
}
