import { compareEpochs, LAYER_NAMES, tenantRecordKey, type TenantRecord } from '@isartor/shared';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testRedis } from '../../../test/support/redis.ts';
import { createRedis } from '../../redis/redis-client.ts';
import { changeRecord } from './change-record.ts';
import { RedisTenantRecords } from './redis-tenant-records.ts';
import type { TenantChange } from './tenant-records.port.ts';

const server = await testRedis({ own: true });
const skip = 'skip' in server ? server.skip : undefined;
const { url } = 'url' in server ? server : { url: '' };

const digests = Array.from({ length: 300 }, (_, index) => index.toString(16).padStart(64, '0'));
const changes = fc.oneof(
  { weight: 1, arbitrary: fc.constant<TenantChange>({ kind: 'purge' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('switch-off' as const, 'switch-on' as const),
      layer: fc.constantFrom(...LAYER_NAMES),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('quarantine' as const), digest: fc.constantFrom(...digests) }),
  },
);

/** A record that Redis may hold: none, a small one, or one whose quarantine is all but full. */
const records = fc.option(
  fc.record({
    epoch: fc.constantFrom('1-a', '1000-b', '1000000-c'),
    off: fc.subarray([...LAYER_NAMES]),
    quarantine: fc.oneof(fc.subarray(digests.slice(0, 5)), fc.constant(digests.slice(0, 255))),
  }),
  { nil: undefined },
);

describe.skipIf(skip !== undefined)(`RedisTenantRecords (${skip ?? 'real'})`, () => {
  let client: Redis;
  let now = 0;
  const namespace = `test-${crypto.randomUUID()}`;
  const seen = new Map<string, TenantRecord>();
  const settings = { url, db: 0, timeoutMs: 1_000 };
  const store = new RedisTenantRecords({
    namespace,
    connect: (timeoutMs) => createRedis({ ...settings, timeoutMs }),
    onChange: (tenant, record) => void seen.set(tenant, record),
    nowMs: () => now,
  });

  beforeAll(() => {
    client = new Redis(url);
  });

  afterAll(async () => {
    client.disconnect();
    if ('stop' in server) await server.stop();
  });

  it('changes records inside Redis exactly as changeRecord does in memory', async () => {
    let run = 0;
    const property = fc.asyncProperty(
      records,
      fc.array(fc.tuple(changes, fc.integer({ min: 1, max: 2_000_000 })), { minLength: 1, maxLength: 6 }),
      async (initial, steps) => {
        const tenant = `t-${(run += 1)}`;
        let model: TenantRecord | undefined = initial;
        if (initial !== undefined) await client.set(tenantRecordKey(namespace, tenant), JSON.stringify(initial));
        for (const [change, at] of steps) {
          now = at;
          const { before, after } = await store.change(tenant, change);
          const expected = changeRecord(model, change, now);
          expect(before).toEqual(model);
          expect({ ...after, epoch: '' }).toEqual({ ...expected, epoch: '' });
          expect(after.epoch.split('-')[0]).toBe(expected.epoch.split('-')[0]);
          if (model !== undefined) expect(after.epoch === model.epoch).toBe(expected.epoch === model.epoch);
          if (model !== undefined) expect(compareEpochs(after.epoch, model.epoch)).toBeGreaterThanOrEqual(0);
          expect(seen.get(tenant)).toEqual(after);
          expect(await store.read(tenant)).toEqual(after);
          model = after;
        }
      },
    );
    await fc.assert(property, { numRuns: 60 });
  }, 60_000);

  it('reads nothing where there is nothing, and makes nothing by it', async () => {
    expect(await store.read('nobody')).toBeUndefined();
    expect(await client.exists(tenantRecordKey(namespace, 'nobody'))).toBe(0);
  });

  it('fails within its bound when Redis stands still', async () => {
    const own = await testRedis({ own: true });
    if (!('pid' in own) || own.pid === undefined) throw new Error('a Redis of the test’s own is a process');
    const stuck = new RedisTenantRecords({
      namespace,
      connect: (timeoutMs) => createRedis({ ...settings, url: own.url, timeoutMs }),
    });
    process.kill(own.pid, 'SIGSTOP');
    try {
      const asked = performance.now();
      await expect(stuck.change('t', { kind: 'purge' })).rejects.toMatchObject({ status: 503, retryable: true });
      expect(performance.now() - asked).toBeLessThan(8_000);
    } finally {
      process.kill(own.pid, 'SIGCONT');
      await own.stop();
    }
  });
});
