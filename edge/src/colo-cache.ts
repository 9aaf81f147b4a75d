import { decodeStoredEntry, encodeStoredEntry } from '@isartor/shared';
import type { StoredEntry } from '@isartor/shared';
import { within } from './within.ts';

/** A copy of an entry in this colo. */
export interface ColoCopy {
  readonly entry: StoredEntry;
  /** When the copy was made, unix milliseconds. */
  readonly keptAt: number;
}

/** Entries in the data centre's own cache. */
export interface ColoCache {
  /**
   * @returns the copy, or `undefined` where there is none; a Cache API that does nothing, or takes too long, has none.
   * @throws when the Cache API throws.
   */
  get(digest: string): Promise<ColoCopy | undefined>;
  /**
   * Keeps a copy for at most `maxAgeSecs` (whole seconds; below 1 not at all), so that it never outlives the rules it
   * was made under.
   *
   * @throws when the Cache API throws.
   */
  keep(digest: string, copy: ColoCopy, maxAgeSecs: number): Promise<void>;
}

const KEPT_AT = 'kept-at';

/** Colo copies by the Cache API, under URLs to which no route maps. `timeoutMs` bounds a look-up. */
export function coloCache(namespace: string, timeoutMs: number): ColoCache {
  const urlOf = (digest: string): string => `https://isartor.invalid/${namespace}/${digest}`;
  return {
    get: (digest) => within(timeoutMs, readCopy(urlOf(digest))),
    async keep(digest, copy, maxAgeSecs) {
      if (maxAgeSecs < 1) return;
      const cache = await caches.open('isartor-v1');
      const headers = {
        'content-type': 'application/octet-stream',
        'cache-control': `max-age=${maxAgeSecs}`,
        [KEPT_AT]: String(copy.keptAt),
      };
      await cache.put(urlOf(digest), new Response(encodeStoredEntry(copy.entry), { headers }));
    },
  };
}

async function readCopy(url: string): Promise<ColoCopy | undefined> {
  const cache = await caches.open('isartor-v1');
  const cached = await cache.match(url);
  if (cached === undefined) return undefined;
  const entry = decodeStoredEntry(new Uint8Array(await cached.arrayBuffer()));
  const keptAt = Number(cached.headers.get(KEPT_AT) ?? Number.NaN);
  return entry === undefined || Number.isNaN(keptAt) ? undefined : { entry, keptAt };
}
