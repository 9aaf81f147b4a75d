import { LRUCache } from 'lru-cache';
import type { ColoCache, ColoCopy } from './colo-cache.ts';
import { isTrusted } from './freshness.ts';

/** Longer bodies are read from the colo each time. */
const LONGEST_BYTES = 131_072;
/** Of all copies of an isolate, which has 128 MB. */
const CAPACITY_BYTES = 16 * 1024 * 1024;
const CAPACITY = 4_000;
const OVERHEAD_BYTES = 2_048;

/** A copy, and when it was read from the colo: unix milliseconds. */
interface Held {
  readonly copy: ColoCopy;
  readonly readAt: number;
}

/**
 * The colo's cache with a memory of this isolate before it: a copy read within the last 5 s is not read again. Whether it
 * may be served is judged each time, as if it came from the colo just now. What is kept anew in this isolate counts at
 * once; what another isolate keeps, within 5 s.
 */
export function withMemory(colo: ColoCache, now: () => number): ColoCache {
  const copies = new LRUCache<string, Held>({ max: CAPACITY, maxSize: CAPACITY_BYTES });
  let kept = 0;
  return {
    async get(digest) {
      const held = copies.get(digest);
      if (held !== undefined && isTrusted(held.readAt, now())) return held.copy;
      const readAt = now();
      const before = kept;
      const copy = await colo.get(digest);
      // What was kept meanwhile may be newer.
      if (kept !== before) return copy;
      const bytes = copy?.entry.body.byteLength ?? 0;
      if (copy === undefined || bytes > LONGEST_BYTES) copies.delete(digest);
      else copies.set(digest, { copy, readAt }, { size: bytes + OVERHEAD_BYTES });
      return copy;
    },
    async keep(digest, copy, maxAgeSecs) {
      await colo.keep(digest, copy, maxAgeSecs);
      kept += 1;
      copies.delete(digest);
    },
  };
}
