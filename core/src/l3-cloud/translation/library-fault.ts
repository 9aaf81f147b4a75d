import { APICallError, AISDKError } from '@ai-sdk/provider';
import { GatewayError } from '@isartor/shared';
import { ProviderRefusal } from './provider-refusal.ts';

const UNREADABLE = 'The provider gave an answer that cannot be read.';
/** As deep as errors are wrapped by the library. */
const MAX_DEPTH = 5;

/**
 * What lies behind an error of the library's: ours, a refusal, or a fault of the provider's. Of the library's own errors
 * only messages without a piece of an answer are kept.
 */
export function libraryFault(error: unknown): GatewayError | ProviderRefusal {
  let inner = error;
  for (let depth = 0; depth < MAX_DEPTH && inner instanceof Error; depth += 1) {
    if (inner instanceof GatewayError || inner instanceof ProviderRefusal) return inner;
    inner = inner.cause;
  }
  return new GatewayError('upstream_error', APICallError.isInstance(error) ? error.message : UNREADABLE);
}

/** A fault that a stream tells of, before or after its first event. */
export function streamFault(error: unknown, begun: boolean): GatewayError {
  const fault = AISDKError.isInstance(error) || error instanceof Error ? libraryFault(error) : undefined;
  if (fault instanceof GatewayError && fault.code !== 'upstream_error') return fault;
  const message = fault?.message ?? saidIn(error);
  return new GatewayError(begun ? 'stream_interrupted' : 'upstream_error', message);
}

/** The library passes a provider's own words on in several shapes. */
function saidIn(error: unknown): string {
  if (typeof error === 'string' && error !== '') return error;
  const message = isRecord(error) ? error['message'] : undefined;
  return typeof message === 'string' && message !== '' ? message : UNREADABLE;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
