import { MAX_STORED_BYTES } from '@isartor/shared';
import type { StoredEntry, StoredEntryMeta } from '@isartor/shared';
import type { ColoCache } from './colo-cache.ts';
import { TRUSTED_MS } from './freshness.ts';

/** What keeping a copy needs. */
export interface KeepCopyParts {
  readonly colo: ColoCache;
  /** Whether Redis says what is in force; without it a copy lives 5 s. */
  readonly ruledByRedis: boolean;
  readonly now: () => number;
}

/**
 * Keeps an entry in the colo for what is left of its freshness. A copy that the semantic cache made is never kept: it
 * dies with its source, and the colo would not notice.
 */
export async function keepCopy(digest: string, entry: StoredEntry, parts: KeepCopyParts): Promise<void> {
  const { colo, ruledByRedis, now } = parts;
  if (!isKept(entry.meta)) return;
  const keptAt = now();
  const leftMs = entry.meta.freshUntil - keptAt;
  const lifeMs = ruledByRedis ? leftMs : Math.min(leftMs, TRUSTED_MS);
  await colo.keep(digest, { entry, keptAt }, Math.floor(lifeMs / 1000));
}

/** Whether the colo may hold copies of such an entry. */
export function isKept(meta: StoredEntryMeta): boolean {
  return meta.origin !== 'l1b' && meta.operation !== 'native.chat';
}

/**
 * Reads an answer to its end.
 *
 * @returns `undefined` when it is longer than any stored answer.
 * @throws when it breaks off.
 */
export async function readWhole(body: ReadableStream<Uint8Array>): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(await new Response(body).arrayBuffer());
  return bytes.byteLength === 0 || bytes.byteLength > MAX_STORED_BYTES ? undefined : bytes;
}
