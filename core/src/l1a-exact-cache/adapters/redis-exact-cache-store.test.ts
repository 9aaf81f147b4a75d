import {
  apiKeyRecordKey,
  decodeStoredEntry,
  encodeStoredEntry,
  encodeTenantRecord,
  entryKey,
  gatewayKey,
  nextEpoch,
  policyKey,
  tenantRecordKey,
} from '@isartor/shared';
import { exactCacheContract } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testRedis } from '../../../test/support/redis.ts';
import { createRedis, type AnyRedis } from '../../redis/redis-client.ts';
import { sha256Hex } from '../../sha256-hex.ts';
import { createLog } from '../../telemetry/log.ts';
import { announceAll } from './redis-announcement.ts';
import { RedisExactCacheStore } from './redis-exact-cache-store.ts';

const server = await testRedis();
const url = 'url' in server ? server.url : '';
const NAMESPACE = `test-${crypto.randomUUID()}`;
const KEY = gatewayKey('a key', sha256Hex);
const EMPTY = { off: [], quarantine: [] };
const published = { policy: 'policy-1', keys: [KEY] };

function newStore(): { store: RedisExactCacheStore; redis: AnyRedis } {
  const redis = createRedis({ url, db: 0, timeoutMs: 2_000 });
  return {
    redis,
    store: new RedisExactCacheStore(redis, { namespace: NAMESPACE, published, log: createLog('silent') }),
  };
}

describe.skipIf('skip' in server)(`redis (${'skip' in server ? server.skip : 'real'})`, () => {
  let redis: AnyRedis;
  let store: RedisExactCacheStore;

  beforeAll(async () => {
    ({ redis, store } = newStore());
    store.start();
    await vi.waitFor(async () => expect(await redis.exists(policyKey(NAMESPACE))).toBe(1));
  });

  afterAll(async () => {
    const keys = await redis.keys(`${NAMESPACE}:*`);
    if (keys.length > 0) await redis.del(...keys);
    await store.close();
    if ('stop' in server) await server.stop();
  });

  it('peeks without leaving a record where there is none', async () => {
    expect(await store.peek('unseen', 'a'.repeat(64))).toEqual({ record: undefined, entry: undefined });
    expect(await redis.exists(tenantRecordKey(NAMESPACE, 'unseen'))).toBe(0);
    const { record } = await store.read('unseen', undefined);
    expect(await store.peek('unseen', undefined)).toEqual({ record, entry: undefined });
  });

  exactCacheContract('redis', async () => {
    const { redis: other, store: writer } = newStore();
    await other.connect();
    return {
      // The entry's bytes as any reader of the database finds them, the edge among them.
      read: async (key) => {
        const { entry } = await store.read('tenant', key);
        const bytes = await redis.getBuffer(entryKey(NAMESPACE, key));
        expect(entry === undefined ? null : encodeStoredEntry(entry)).toEqual(
          bytes === null ? null : new Uint8Array(bytes),
        );
        return bytes === null ? undefined : new Uint8Array(bytes);
      },
      write: async (key, bytes, expiresAtMs) => {
        const entry = decodeStoredEntry(bytes);
        if (entry === undefined) throw new Error('the contract writes whole entries');
        await writer.write(key, entry);
        await redis.pexpireat(entryKey(NAMESPACE, key), expiresAtMs);
      },
      close: async () => {
        other.disconnect();
        return Promise.resolve();
      },
    };
  });

  it('announces the policy and the keys, and withdraws keys that are configured no more', async () => {
    const other = { ...KEY, sha256: sha256Hex('another key') };
    await announceAll(redis, NAMESPACE, { policy: 'policy-2', keys: [KEY, other] });
    expect(await redis.get(policyKey(NAMESPACE))).toBe('policy-2');
    expect(await redis.get(apiKeyRecordKey(NAMESPACE, other.sha256))).toContain('"tenant":"default"');
    await announceAll(redis, NAMESPACE, published);
    expect(await redis.get(apiKeyRecordKey(NAMESPACE, other.sha256))).toBeNull();
    expect(await redis.get(apiKeyRecordKey(NAMESPACE, KEY.sha256))).not.toBeNull();
    expect(await redis.pttl(policyKey(NAMESPACE))).toBe(-1);
  });

  it('creates a missing record once, whoever comes first', async () => {
    const readings = await Promise.all([
      store.read('fresh', undefined),
      newStoreReading('fresh'),
      store.read('fresh', undefined),
    ]);
    expect(new Set(readings.map(({ record }) => record?.epoch)).size).toBe(1);
    expect(await redis.pttl(tenantRecordKey(NAMESPACE, 'fresh'))).toBe(-1);
  });

  it('treats a record older than one it has seen as missing, and never replaces it', async () => {
    const key = tenantRecordKey(NAMESPACE, 'restored');
    const { record } = await store.read('restored', undefined);
    const older = encodeTenantRecord({ ...EMPTY, epoch: '1-old' });
    await redis.set(key, older);
    expect(record).toBeDefined();
    expect((await store.read('restored', undefined)).record).toBeUndefined();
    expect(await redis.get(key)).toBe(older);
    expect((await store.health()).detail).toMatch(/^1 tenant record\(s\) are older than ones seen/);
    await redis.set(key, encodeTenantRecord({ ...EMPTY, epoch: nextEpoch(Date.now(), record?.epoch) }));
    expect((await store.read('restored', undefined)).record).toBeDefined();
    expect(await store.health()).toEqual({ status: 'up', detail: undefined });
  });

  it('reports an eviction policy that could lose tenant records', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const { redis: second, store: warned } = newStore();
    warned.start();
    await vi.waitFor(async () => expect((await warned.health()).detail).toContain('allkeys-lru'));
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    expect(await store.health()).toEqual({ status: 'up', detail: undefined });
    second.disconnect();
    await warned.close();
  });

  async function newStoreReading(tenant: string) {
    const { redis: other, store: reader } = newStore();
    await other.connect();
    const reading = await reader.read(tenant, undefined);
    other.disconnect();
    return reading;
  }
});

describe('without a Redis', () => {
  it('throws at once instead of waiting, and says that it is down', async () => {
    const redis = createRedis({ url: 'redis://127.0.0.1:1', db: 0, timeoutMs: 100 });
    const states: string[] = [];
    const store = new RedisExactCacheStore(redis, {
      namespace: NAMESPACE,
      published,
      log: createLog('silent'),
      onBreaker: (state) => states.push(state),
    });
    store.start();
    for (let count = 0; count < 3; count += 1) await expect(store.read('t', 'd')).rejects.toThrow('redis failed');
    await expect(store.read('t', 'd')).rejects.toThrow('redis open');
    expect(states[0]).toBe('open');
    const health = await store.health();
    expect(health.status).toBe('down');
    expect(health.detail).toMatch(/^(ECONNREFUSED|disconnected)$/);
    await store.close();
  });
});
