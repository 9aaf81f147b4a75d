import { HEADER } from '../layer/headers.ts';

/** Provider headers that pass as they are. */
const PASSED = ['content-type', 'retry-after'] as const;
/** Where providers put their request id, the best first: OpenAI and most others, Anthropic, Azure. */
const REQUEST_IDS = ['x-request-id', 'request-id', 'apim-request-id'] as const;

/**
 * What the caller may see of a provider's headers: content type, `retry-after` and the provider's request id (as
 * `x-isartor-upstream-request-id`). Nothing else passes: no cookie, redirect, CORS grant, proxy command, nor a header
 * in our own name.
 */
export function answerHeadersFromUpstream(entries: Iterable<readonly [string, string]>): Record<string, string> {
  const sent = new Map<string, string>();
  for (const [name, value] of entries) sent.set(name.toLowerCase(), value);
  const headers: Record<string, string> = {};
  for (const name of PASSED) {
    const value = sent.get(name);
    if (value !== undefined) headers[name] = value;
  }
  const id = REQUEST_IDS.map((name) => sent.get(name)).find((value) => value !== undefined && value !== '');
  if (id !== undefined) headers[HEADER.upstreamRequestId] = id;
  return headers;
}
