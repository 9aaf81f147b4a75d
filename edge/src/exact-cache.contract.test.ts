import { decodeStoredEntry, encodeStoredEntry } from '@isartor/shared';
import { exactCacheContract } from '@isartor/shared/testing';
import { describe } from 'vitest';
import { coloCache } from './colo-cache.ts';
import { RedisDoor, hasRedis } from './testing/redis-door.ts';
import { upstashCache } from './upstash-cache.ts';

describe('colo cache', () => {
  exactCacheContract('colo cache', async () => {
    const colo = coloCache('contract', 5_000);
    return {
      async read(key) {
        const copy = await colo.get(encodeURIComponent(key));
        return copy === undefined ? undefined : encodeStoredEntry(copy.entry);
      },
      async write(key, bytes, expiresAtMs) {
        const entry = decodeStoredEntry(bytes);
        if (entry === undefined) throw new Error('the contract wrote what is no entry');
        const keptAt = Date.now();
        await colo.keep(encodeURIComponent(key), { entry, keptAt }, Math.floor((expiresAtMs - keptAt) / 1000));
      },
    };
  });
});

describe.skipIf(!hasRedis)('Upstash adapter', () => {
  describe.each([true, false])('values in base64: %s', (base64) => {
    exactCacheContract('read by Upstash REST, written by ioredis', async () => {
      const door = new RedisDoor();
      const { UPSTASH_REDIS_REST_URL: url = '', UPSTASH_REDIS_REST_TOKEN: token = '' } = door.bindings;
      const upstash = upstashCache({ url, token, base64 });
      return {
        async read(key) {
          const [value] = await upstash.read({ limitMs: 10_000, client: new AbortController().signal }, key);
          return value === undefined ? undefined : new TextEncoder().encode(value);
        },
        write: (key, bytes, expiresAtMs) => door.set(key, bytes, expiresAtMs),
      };
    });
  });
});
