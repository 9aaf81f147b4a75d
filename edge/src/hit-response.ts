import { HEADER, clientWantsUsage, costOf, formatCost, serveEntry } from '@isartor/shared';
import type { EdgeRequest } from './edge-context.ts';
import type { ExactAsk } from './exact-ask.ts';
import type { FoundEntry } from './exact-lookup.ts';
import { serverTiming } from './server-timing.ts';

/**
 * The answer that a hit gives: its own bytes, or for a stream the events that add up to them.
 *
 * @throws when the entry's body is damaged.
 */
export function hitResponse(c: EdgeRequest, ask: ExactAsk, hit: FoundEntry): Response {
  const { request, digest } = ask;
  const { meta } = hit.entry;
  const served = serveEntry(hit.entry, { stream: request.stream, includeUsage: clientWantsUsage(request) });
  const savedUsd = meta.usage === null ? 0 : costOf(meta.model, meta.usage);
  c.set('served', { usage: meta.usage, savedUsd });
  const headers = new Headers({
    'content-type': served.contentType,
    age: String(hit.ageSecs),
    'server-timing': serverTiming(c.var.timings),
    [HEADER.layer]: 'l1a',
    [HEADER.deflected]: 'true',
    [HEADER.provider]: meta.provider,
    [HEADER.model]: meta.model,
    [HEADER.cost]: `0;saved=${formatCost(savedUsd)}`,
    [HEADER.cache]: 'hit',
    [HEADER.entry]: digest,
  });
  if (request.stream) headers.set('x-accel-buffering', 'no');
  return new Response(served.body, { headers });
}

/**
 * The answer that an entry gives which is fresh no longer (RFC 5861, stale-if-error): as a hit, and it says so.
 *
 * @throws when the entry's body is damaged.
 */
export function staleResponse(c: EdgeRequest, ask: ExactAsk, stale: FoundEntry): Response {
  const response = hitResponse(c, ask, stale);
  response.headers.set(HEADER.cache, 'stale');
  response.headers.set('warning', '110 - "Response is Stale"');
  return response;
}
