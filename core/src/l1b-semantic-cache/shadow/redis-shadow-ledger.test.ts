import { once } from 'node:events';
import { connect as open, createServer, type AddressInfo, type Socket } from 'node:net';
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
    expect(keys).toHaveLength(3);
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

  it.each([1, 2, 3])('counts nothing twice and nothing never where answer %i is lost on the way', async (lost) => {
    const way = await LossyWay.to(url);
    let now = Date.now();
    const ledger = new RedisShadowLedger({
      keepsTexts: false,
      namespace: `test-${crypto.randomUUID()}`,
      nowMs: () => now,
      connect: () => connect(way.url),
    });
    for (const name of ['a', 'b', 'c']) {
      ledger.record(finding(name));
      now += 86_400_000;
    }
    way.loses = lost;
    await expect(ledger.report()).rejects.toMatchObject({ status: 503 });
    expect(way.additions).toBe(lost);
    ledger.record(finding('d'));
    const [group] = (await ledger.report()).groups;
    expect(group).toMatchObject({ lookups: 4, hits: 4, input: 40, output: 80 });
    // Three days, the one whose answer was lost a second time, and what was found since.
    expect(way.additions).toBe(3 + 1 + 1);
    await ledger.close();
    await way.close();
  });
});

/** A way to Redis on which the answer to one addition is lost: it was made, and who asked for it is not told. */
class LossyWay {
  additions = 0;
  /** Which addition's answer. */
  loses = 0;
  private readonly server = createServer((client) => this.join(client));

  private constructor(private readonly target: URL) {}

  static async to(target: string): Promise<LossyWay> {
    const way = new LossyWay(new URL(target));
    await once(way.server.listen(0, '127.0.0.1'), 'listening');
    return way;
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await once(this.server.close(), 'close');
  }

  private join(client: Socket): void {
    const server = open(Number(this.target.port), this.target.hostname);
    const leave = (): void => void [client.destroy(), server.destroy()];
    for (const socket of [client, server]) socket.on('error', leave).on('close', leave);
    let isLost = false;
    client.on('data', (data) => {
      if (/\r\neval\r\n/i.test(data.toString('latin1'))) isLost = (this.additions += 1) === this.loses;
      server.write(data);
    });
    server.on('data', (data) => (isLost ? leave() : client.write(data)));
  }
}
