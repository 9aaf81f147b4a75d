import { HEADER, costOf, formatCost, serveEntry } from '@isartor/shared';
import type { StoredEntryMeta } from '@isartor/shared';
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
  const { savedUsd, template } = provenanceOf(meta);
  c.set('served', { usage: meta.usage, savedUsd });
  const response = new Response(served.body, { headers: template });
  const { headers } = response;
  headers.set('content-type', served.contentType);
  headers.set('age', String(hit.ageSecs));
  headers.set('server-timing', serverTiming(c.get('timings')));
  headers.set(HEADER.entry, digest);
  if (stream) headers.set('x-accel-buffering', 'no');
  return response;
}

/** What every hit on an entry says of it. */
interface Provenance {
  readonly savedUsd: number;
  /** Copied into each answer: the runtime does that in a third of the time that it needs to make them of texts. */
  readonly template: Headers;
}

/** For as long as the entry is in memory. */
const provenances = new WeakMap<StoredEntryMeta, Provenance>();

function provenanceOf(meta: StoredEntryMeta): Provenance {
  const known = provenances.get(meta);
  if (known !== undefined) return known;
  const savedUsd = meta.usage === null ? 0 : costOf(meta.model, meta.usage);
  const template = new Headers({
    [HEADER.layer]: 'l1a',
    [HEADER.deflected]: 'true',
    [HEADER.provider]: meta.provider,
    [HEADER.model]: meta.model,
    [HEADER.cost]: `0;saved=${formatCost(savedUsd)}`,
    [HEADER.cache]: 'hit',
  });
  const provenance = { savedUsd, template };
  provenances.set(meta, provenance);
  return provenance;
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
