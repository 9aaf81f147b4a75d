import { OPERATION_SPECS, type Operation } from '../operation.ts';

/** Request headers that cannot change the answer and are worth passing on. */
const INERT = new Set(['user-agent', 'traceparent']);
const INERT_FAMILY = /^x-stainless-[a-z0-9-]+$/;

/**
 * What a provider may see of the caller's headers: those that can change the answer (they are in the cache key) and a
 * few inert ones, lower-case. All others are dropped: credentials, cookies, forwarded addresses, ours. The caller of
 * this function adds `accept`, `content-type`, `x-request-id` and the provider's credentials.
 */
export function upstreamHeaders(
  operation: Operation,
  entries: Iterable<readonly [string, string]>,
): [string, string][] {
  const { answerHeaders } = OPERATION_SPECS[operation];
  const kept: [string, string][] = [];
  for (const [name, value] of entries) {
    const lower = name.toLowerCase();
    if (answerHeaders.includes(lower) || INERT.has(lower) || INERT_FAMILY.test(lower)) kept.push([lower, value]);
  }
  return kept;
}
