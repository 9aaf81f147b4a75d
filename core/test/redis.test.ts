import { encodeTenantRecord, HEADER, parseTenantRecord, tenantRecordKey } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { testRedis, type StartedRedis } from './support/redis.ts';
import { layerOf, startCore, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const probe = await testRedis();
const skip = 'skip' in probe ? probe.skip : undefined;
if ('stop' in probe) await probe.stop();

let upstream: FakeUpstream;
const running: { stop(): Promise<unknown> }[] = [];

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
  await upstream.close();
});

async function ownRedis(port?: number): Promise<StartedRedis> {
  const server = await testRedis(port === undefined ? { own: true } : { own: true, port });
  if ('skip' in server) throw new Error(server.skip);
  running.push(server);
  return server;
}

async function coreOn(url: string): Promise<RunningCore> {
  const core = await startCore(upstream.url, {
    ISARTOR__CACHE_BACKEND: 'redis',
    ISARTOR__REDIS_URL: url,
    ISARTOR__REDIS_TIMEOUT_MS: '1000',
  });
  running.push(core);
  return core;
}

async function untilUp(core: RunningCore): Promise<void> {
  await vi.waitFor(
    async () =>
      expect(await (await core.get('/readyz')).json()).toMatchObject({ checks: { exact_cache: { status: 'up' } } }),
    { timeout: 10_000 },
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe.skipIf(skip !== undefined)(`with Redis (${skip ?? 'real'})`, () => {
  it('without an embedder no second connection is held, for vectors that nobody looks up', async () => {
    const { url } = await ownRedis();
    const core = await coreOn(url);
    await untilUp(core);
    expect(await (await core.get('/readyz')).json()).toMatchObject({
      checks: {
        semantic_cache: { status: 'down', index: { status: 'down', detail: expect.stringContaining('not connected') } },
      },
    });
    const client = new Redis(url);
    const others =
      String(await client.client('LIST'))
        .trim()
        .split('\n').length - 1;
    await client.quit();
    expect(others).toBe(1);
  });

  it('what one core stores the other serves, and entries expire by themselves', async () => {
    const redis = await ownRedis();
    const [one, other] = [await coreOn(redis.url), await coreOn(redis.url)];
    await Promise.all([untilUp(one), untilUp(other)]);
    const first = await one.post(CHAT, chatRequest('shared'));
    const second = await other.post(CHAT, chatRequest('shared'));
    expect([layerOf(first), layerOf(second)]).toEqual(['l3', 'l1a']);
    expect(await second.text()).toBe(await first.text());

    const client = new Redis(redis.url);
    const [entry] = await client.keys('isartor:v1:x:*');
    expect(await client.pttl(entry ?? '')).toBeGreaterThan(3_600_000);
    client.disconnect();
  });

  it('an entry whose end is missing is a miss, and stored anew', async () => {
    const redis = await ownRedis();
    const core = await coreOn(redis.url);
    await untilUp(core);
    const whole = await (await core.post(CHAT, chatRequest('cut'))).text();
    const client = new Redis(redis.url);
    const [entry = ''] = await client.keys('isartor:v1:x:*');
    await client.set(entry, (await client.getBuffer(entry))?.subarray(0, -120) ?? '');
    client.disconnect();
    const again = await core.post(CHAT, chatRequest('cut'));
    expect([layerOf(again), await again.text()]).toEqual(['l3', whole]);
    expect(layerOf(await core.post(CHAT, chatRequest('cut')))).toBe('l1a');
  });

  it('the very next request hits: nothing is lost between storing and reading', async () => {
    const core = await coreOn((await ownRedis()).url);
    await untilUp(core);
    for (let round = 0; round < 50; round += 1) {
      await (await core.post(CHAT, chatRequest(`round ${round}`))).text();
      expect(layerOf(await core.post(CHAT, chatRequest(`round ${round}`)))).toBe('l1a');
    }
  });

  it('a layer that is switched off in the tenant record is not served from then on, and is when it is on again', async () => {
    const server = await ownRedis();
    const core = await coreOn(server.url);
    await untilUp(core);
    await core.post(CHAT, chatRequest('k'));
    expect(layerOf(await core.post(CHAT, chatRequest('k')))).toBe('l1a');

    const client = new Redis(server.url);
    const key = tenantRecordKey('isartor', 'default');
    const record = parseTenantRecord((await client.get(key)) ?? '');
    if (record === undefined) throw new Error('the core has made no record');
    await client.set(key, encodeTenantRecord({ ...record, off: ['l3'] }));
    const off = await core.post(CHAT, chatRequest('k'));
    expect([layerOf(off), off.headers.get(HEADER.cache)]).toEqual(['l3', 'miss;why=off']);
    await client.set(key, encodeTenantRecord(record));
    expect(layerOf(await core.post(CHAT, chatRequest('k')))).toBe('l1a');
    client.disconnect();
  });

  it('a core is ready without waiting for Redis, and finds it when it comes', async () => {
    const port = await freePort();
    const core = await coreOn(`redis://127.0.0.1:${port}`);
    expect((await core.get('/readyz')).status).toBe(200);
    const without = await core.post(CHAT, chatRequest('early'));
    expect([without.status, without.headers.get(HEADER.cache)]).toEqual([200, 'miss;why=error']);
    await ownRedis(port);
    await untilUp(core);
    await core.post(CHAT, chatRequest('late'));
    expect(layerOf(await core.post(CHAT, chatRequest('late')))).toBe('l1a');
  });

  it('Redis is killed and started again under load: no request fails', async () => {
    const server = await ownRedis();
    const port = Number(new URL(server.url).port);
    const core = await coreOn(server.url);
    await untilUp(core);
    const statuses: number[] = [];
    let load = true;
    const client = async (name: number) => {
      for (let count = 0; load; count += 1) {
        const response = await core.post(CHAT, chatRequest(`${name} asks ${count % 5}`));
        await response.text();
        statuses.push(response.status);
      }
    };
    const clients = [0, 1, 2, 3].map(client);
    const during = (count: number) =>
      vi.waitFor(() => expect(statuses.length).toBeGreaterThan(count), { timeout: 10_000 });
    await during(50);
    await server.stop();
    await during(statuses.length + 100);
    await ownRedis(port);
    await untilUp(core);
    await during(statuses.length + 50);
    load = false;
    await Promise.all(clients);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(layerOf(await core.post(CHAT, chatRequest('0 asks 0')))).toBe('l1a');
  });
});
