import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { testRedis } from '../../../test/support/redis.ts';
import { createRedis } from '../../redis/redis-client.ts';
import { RedisShadowLedger } from './redis-shadow-ledger.ts';
import { finding, shadowLedgerContract } from './shadow-ledger.contract.ts';

const server = await testRedis();
const url = 'url' in server ? server.url : '';
const connect = (to = url) => createRedis({ url: to, db: 0, timeoutMs: 2_000 });

describe.skipIf('skip' in server)(`redis (${'skip' in server ? server.skip : 'real'})`, () => {
  afterAll(async () => {
    if ('stop' in server) await server.stop();
  });

  shadowLedgerContract('redis', (keepsTexts) => {
    let now = Date.now();
    const options = {
      keepsTexts,
      namespace: `test-${crypto.randomUUID()}`,
      nowMs: () => now,
      connect: () => connect(),
    };
    const ledger = new RedisShadowLedger(options);
    const reader = new RedisShadowLedger(options);
    return { ledger, reader, settle: () => ledger.report(), advance: (ms) => (now += ms) };
  });

  it('adds up what several processes found, and nothing stays for ever', async () => {
    const namespace = `test-${crypto.randomUUID()}`;
    const ledgers = [1, 2].map(() => new RedisShadowLedger({ keepsTexts: false, namespace, connect: () => connect() }));
    for (const [at, ledger] of ledgers.entries()) ledger.record(finding(`pair ${at}`));
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    const report = await ledgers[0]?.report();
    expect([report?.groups[0]?.hits, report?.riskiest.length]).toEqual([2, 2]);
    const client = new Redis(url);
    const keys = await client.keys(`${namespace}:v1:shadow:*`);
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(await client.ttl(key)).toBeGreaterThan(0);
    client.disconnect();
  });

  it('keeps what Redis did not take until it does, and says meanwhile that there is no report', async () => {
    let to = 'redis://127.0.0.1:1';
    const namespace = `test-${crypto.randomUUID()}`;
    const ledger = new RedisShadowLedger({ keepsTexts: false, namespace, connect: () => connect(to) });
    ledger.record(finding('a'));
    await expect(ledger.report()).rejects.toMatchObject({ status: 503, retryAfterSecs: 1 });
    ledger.record(finding('b'));
    to = url;
    expect((await ledger.report()).groups[0]).toMatchObject({ hits: 2 });
    expect((await ledger.report()).groups[0]).toMatchObject({ hits: 2 });
    await ledger.close();
  });
});
