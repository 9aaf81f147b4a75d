import { decodeStoredEntry, encodeStoredEntry, type StoredEntry } from '@isartor/shared';
import { exactCacheContract } from '@isartor/shared/testing';
import { describe, expect, it } from 'vitest';
import { MemoryExactCacheStore } from './memory-exact-cache-store.ts';

const BOUNDS = { maxEntries: 100, maxBytes: 16 * 1024 * 1024 };

exactCacheContract('memory', () => {
  let now = 1_750_000_000_000;
  const store = new MemoryExactCacheStore(BOUNDS, () => now);
  const written = new Map<string, number>();
  return Promise.resolve({
    read: async (key) => {
      const { entry } = await store.read('tenant', key);
      const staleUntil = written.get(key);
      return entry === undefined || staleUntil === undefined
        ? undefined
        : encodeStoredEntry({ ...entry, meta: { ...entry.meta, staleUntil } });
    },
    write: async (key, bytes, expiresAtMs) => {
      const entry = decodeStoredEntry(bytes);
      if (entry === undefined) throw new Error('the contract writes whole entries');
      // This store expires an entry by its own staleUntil, where the contract gives a time of its own.
      written.set(key, entry.meta.staleUntil);
      await store.write(key, { ...entry, meta: { ...entry.meta, staleUntil: expiresAtMs } });
    },
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  });
});

function entry(bytes: number): StoredEntry {
  const now = Date.now();
  return {
    meta: {
      v: 1,
      status: 200,
      contentType: 'application/json',
      operation: 'openai.chat',
      layer: 'l3',
      provider: 'openai',
      model: 'm',
      createdAt: now,
      freshUntil: now + 1_000_000,
      staleUntil: now + 1_000_000,
      epoch: `${now}-x`,
      policy: 'p',
      origin: 'l3',
      source: null,
      usage: null,
    },
    body: new Uint8Array(bytes),
  };
}

describe('MemoryExactCacheStore', () => {
  it('is bounded in entries, the least recently used leaving first', async () => {
    const store = new MemoryExactCacheStore({ maxEntries: 2, maxBytes: 1_000_000 });
    await store.write('a', entry(1));
    await store.write('b', entry(1));
    await store.read('t', 'a');
    await store.write('c', entry(1));
    const left = await Promise.all(
      ['a', 'b', 'c'].map(async (key) => (await store.read('t', key)).entry !== undefined),
    );
    expect(left).toEqual([true, false, true]);
  });

  it('is bounded in bytes', async () => {
    const store = new MemoryExactCacheStore({ maxEntries: 100, maxBytes: 25_000 });
    for (const key of ['a', 'b', 'c']) await store.write(key, entry(10_000));
    const left = await Promise.all(
      ['a', 'b', 'c'].map(async (key) => (await store.read('t', key)).entry !== undefined),
    );
    expect(left).toEqual([false, true, true]);
  });

  it('gives each tenant a record of its own, and keeps it', async () => {
    const store = new MemoryExactCacheStore(BOUNDS);
    const [one, other, again] = [
      await store.read('one', undefined),
      await store.read('other', undefined),
      await store.read('one', undefined),
    ];
    expect(one.record?.epoch).not.toBe(other.record?.epoch);
    expect(again.record).toEqual(one.record);
  });
});
