import { exactCacheContract } from './exact-cache.contract.ts';

// The suite on the simplest store there is, so that a fault in the suite shows here and not in four adapters.
exactCacheContract('a Map', async () => {
  const entries = new Map<string, { bytes: Uint8Array; expiresAt: number }>();
  let now = 1_800_000_000_000;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    read: async (key) => {
      const entry = entries.get(key);
      return entry === undefined || entry.expiresAt <= now ? undefined : entry.bytes;
    },
    write: async (key, bytes, expiresAt) => {
      entries.set(key, { bytes, expiresAt });
    },
  };
});
