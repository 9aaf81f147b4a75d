import { afterAll, describe, expect, it } from 'vitest';
import { ownRedis } from '../../../test/support/own-redis.ts';
import { createRedis, type AnyRedis } from '../../redis/redis-client.ts';
import { HOUR_MS, type UsageEvent, type UsageRow } from '../usage-ledger.port.ts';
import { OTHER_MODEL } from '../usage-tally.ts';
import { RedisUsageLedger } from './redis-usage-ledger.ts';

const { redis, redisSkip, stopRedis } = await ownRedis();
afterAll(stopRedis);

const NOW = 500_000;
const EVERYTHING = { fromHour: 0, toHour: 1_000_000, tenant: undefined };
const EVENT: UsageEvent = {
  tenant: 'acme',
  key: 'web',
  model: 'gpt-4o',
  layer: 'l3',
  requests: 1,
  usage: { input: 7, output: 3, cachedInput: 2, reasoning: 1 },
  spentUsd: 0.25,
  savedUsd: 0,
};

function connect(): AnyRedis {
  return createRedis({ url: redis, db: 0, timeoutMs: 1_000 });
}

function ledger(namespace: string, more: { connect?: () => AnyRedis; nowMs?: () => number } = {}): RedisUsageLedger {
  return new RedisUsageLedger({ namespace, keepHours: 48, connect, nowMs: () => NOW * HOUR_MS, ...more });
}

function requestsOf(rows: readonly UsageRow[]): number {
  return rows.reduce((sum, { counts }) => sum + counts.requests, 0);
}

describe.skipIf(redisSkip !== undefined)(`the counters in Redis (${redisSkip ?? 'real'})`, () => {
  it('hold a row as it was counted, and end by themselves', async () => {
    const one = ledger('rows');
    one.add(EVENT);
    one.add(EVENT);
    const counts = { requests: 2, input: 14, output: 6, cached: 4, reasoning: 2, spentNano: 5e8, savedNano: 0 };
    const { tenant, key, model, layer } = EVENT;
    expect(await one.read(EVERYTHING)).toEqual([{ hour: NOW, tenant, key, model, layer, counts }]);
    const client = connect();
    await client.connect();
    const places = await client.keys('rows:*');
    expect(places.toSorted()).toEqual([`rows:v1:usage:tenants`, `rows:v1:usage:{acme}:${NOW}`]);
    for (const place of places) expect(await client.ttl(place)).toBe(49 * 3_600);
    client.disconnect();
  });

  it('count once what is sent twice, because the reply was lost', async () => {
    let losses = 2;
    const losing = (): AnyRedis => {
      const client = connect();
      if (losses === 0) return client;
      const evaluate = client.eval.bind(client);
      return Object.assign(client, {
        eval: async (...given: [script: string, keys: number, ...rest: string[]]) => {
          await evaluate(...given);
          losses -= 1;
          throw new Error('the connection broke');
        },
      });
    };
    const one = ledger('lost', { connect: losing });
    one.add(EVENT);
    await expect(one.read(EVERYTHING)).rejects.toThrow(/cannot be read/);
    one.add(EVENT);
    await one.close();
    one.add(EVENT);
    expect(requestsOf(await one.read(EVERYTHING))).toBe(3);
    expect(losses).toBe(0);
  });

  it('keep what was counted while Redis was away', async () => {
    let isAway = true;
    const absent = (): AnyRedis => createRedis({ url: 'redis://127.0.0.1:1', db: 0, timeoutMs: 100 });
    const one = ledger('away', { connect: () => (isAway ? absent() : connect()) });
    one.add(EVENT);
    await expect(one.read(EVERYTHING)).rejects.toMatchObject({ status: 503 });
    one.add({ ...EVENT, tenant: 'umbrella' });
    isAway = false;
    expect(requestsOf(await one.read(EVERYTHING))).toBe(2);
    expect(requestsOf(await one.read({ ...EVERYTHING, tenant: 'umbrella' }))).toBe(1);
  });

  it('tell models apart up to a bound, and lose none of what comes past it', async () => {
    const one = ledger('many');
    for (let index = 0; index < 2_500; index += 1) one.add({ ...EVENT, model: `model-${index}` });
    const rows = await one.read(EVERYTHING);
    expect(requestsOf(rows)).toBe(2_500);
    expect(rows.length).toBeLessThanOrEqual(2_001);
    expect(rows.find(({ model }) => model === OTHER_MODEL)?.counts.requests).toBeGreaterThan(400);
  });

  it('are read by the hours that are asked for, and are forgotten when they are over', async () => {
    let now = NOW;
    const one = ledger('hours', { nowMs: () => now * HOUR_MS });
    one.add(EVENT);
    now += 1;
    one.add({ ...EVENT, requests: 0 });
    one.add(EVENT);
    expect(requestsOf(await one.read({ ...EVERYTHING, fromHour: NOW + 1 }))).toBe(1);
    expect(requestsOf(await one.read({ ...EVERYTHING, toHour: NOW }))).toBe(1);
    now += 48;
    expect(requestsOf(await one.read(EVERYTHING))).toBe(1);
  });
});
