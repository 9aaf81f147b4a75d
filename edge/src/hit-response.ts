import { HEADER, costOf, formatCost, serveEntry } from '@isartor/shared';
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
  const { stream, wantsUsage, digest } = ask;
  const { meta } = hit.entry;
  const served = serveEntry(hit.entry, { stream, includeUsage: wantsUsage });
  const savedUsd = meta.usage === null ? 0 : costOf(meta.model, meta.usage);
  c.set('served', { usage: meta.usage, savedUsd });
  // A record: the runtime makes the answer's headers of it at once, without a copy between.
  const headers: Record<string, string> = {
    'content-type': served.contentType,
    age: String(hit.ageSecs),
    'server-timing': serverTiming(c.get('timings')),
    [HEADER.layer]: 'l1a',
    [HEADER.deflected]: 'true',
    [HEADER.provider]: meta.provider,
    [HEADER.model]: meta.model,
    [HEADER.cost]: `0;saved=${formatCost(savedUsd)}`,
    [HEADER.cache]: 'hit',
    [HEADER.entry]: digest,
  };
  if (stream) headers['x-accel-buffering'] = 'no';
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
