import { Redis } from 'ioredis';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { testRedis } from '../../../test/support/redis.ts';
import { createRedis } from '../../redis/redis-client.ts';
import { createLog, type Logger } from '../../telemetry/log.ts';
import { direction, vectorIndexContract } from '../vector-index.contract.ts';
import { RedisVectorIndex, type RedisVectorIndexOptions } from './redis-vector-index.ts';

const server = await testRedis({ own: true });
const skip = 'skip' in server ? server.skip : undefined;
const url = 'url' in server ? server.url : '';
const HOME = { tenant: 't', scope: 'a', epoch: '1-a', policy: 'p' };
const HOUR_MS = 3_600_000;

async function redisIndex(options: Partial<RedisVectorIndexOptions> = {}, at = url, timeoutMs = 5_000) {
  let clock = Date.now();
  const now = (): number => clock;
  const redis = createRedis({ url: at, db: 0, timeoutMs });
  const namespace = options.namespace ?? `test-${crypto.randomUUID()}`;
  const index = new RedisVectorIndex(redis, { namespace, log: createLog('silent'), nowMs: now, ...options });
  index.start();
  if (at === url) await once(redis, 'ready');
  const advance = (ms: number): void => {
    clock += ms;
  };
  const add = (i: number, partition = HOME, lifeMs = HOUR_MS): Promise<void> =>
    index.add(partition, direction(i), { digest: String(i), text: `text ${i}`, expiresAt: now() + lifeMs });
  return { index, now, advance, add, namespace };
}

describe.skipIf(skip !== undefined)(`vectors in Redis (${skip ?? 'real'})`, () => {
  let client: Redis;
  beforeAll(() => {
    client = new Redis(url);
  });
  afterAll(async () => {
    client.disconnect();
    if ('stop' in server) await server.stop();
  });

  vectorIndexContract('redis', () => redisIndex());

  test('notes expire, and all processes share them', async () => {
    const { index, now, namespace } = await redisIndex();
    const { index: other } = await redisIndex({ namespace });
    const question = { digest: 'd', expiresAt: now() + 60_000 };
    expect([await index.note(HOME, question), await other.note(HOME, question)]).toEqual([false, true]);
    expect(await other.note({ ...HOME, policy: 'q' }, question)).toBe(false);
    for (const each of await client.keys(`${namespace}:*`)) expect(await client.pttl(each)).toBeGreaterThan(0);
    await Promise.all([index.close(), other.close()]);
  });

  test('asked how it is before the connection is there, it is up all the same once it is', async () => {
    const redis = createRedis({ url, db: 0, timeoutMs: 5_000 });
    const index = new RedisVectorIndex(redis, { namespace: `test-${crypto.randomUUID()}`, log: createLog('silent') });
    index.start();
    expect((await index.health()).status).toBe('down');
    if (redis.status !== 'ready') await once(redis, 'ready');
    expect(index.isUp).toBe(true);
    await index.close();
  });

  test('a set expires with its latest element', async () => {
    const { index, add, namespace } = await redisIndex();
    await add(1, HOME, 60_000);
    const [key = ''] = await client.keys(`${namespace}:v1:v:*}`);
    expect(await client.pttl(key)).toBeLessThanOrEqual(60_000);
    await add(2, HOME, 90_000);
    await add(3, HOME, 30_000);
    expect(await client.pttl(key)).toBeGreaterThan(80_000);
    for (const each of await client.keys(`${namespace}:v1:v:*`))
      expect(await client.pttl(each)).toBeGreaterThan(80_000);
    for (const each of await client.keys(`${namespace}:*`)) expect(await client.pttl(each)).toBeGreaterThan(0);
    await index.close();
  });

  test('an element that comes sweeps expired ones out', async () => {
    const { index, add, advance, namespace } = await redisIndex();
    for (let i = 0; i < 10; i++) await add(i, HOME, 1_000);
    advance(2_000);
    await add(100);
    const [key = ''] = await client.keys(`${namespace}:v1:v:*}`);
    expect(await client.call('VCARD', key)).toBe(1);
    await index.close();
  });

  test('a tenant has so many sets and no more: those that would expire first go', async () => {
    const { index, add, namespace } = await redisIndex({ maxSets: 3 });
    for (let i = 0; i < 6; i++) await add(i, { ...HOME, scope: `scope ${i}` }, HOUR_MS + i * 1_000);
    expect(await client.keys(`${namespace}:v1:v:*}`)).toHaveLength(3);
    await add(9, { ...HOME, tenant: 'other' });
    expect(await client.keys(`${namespace}:v1:v:*}`)).toHaveLength(4);
    expect(await index.search({ ...HOME, scope: 'scope 0' }, direction(0), 1)).toEqual([]);
    expect(await index.search({ ...HOME, scope: 'scope 5' }, direction(5), 1)).toHaveLength(1);
    await index.close();
  });

  test('an epoch that could change what the filter says is refused', async () => {
    const { index } = await redisIndex();
    await expect(index.search({ ...HOME, epoch: '" or 1 or "' }, direction(1), 1)).rejects.toThrow();
    await index.close();
  });

  test('while Redis stands still nothing waits longer than the bound, and then nothing waits at all', async () => {
    const own = await testRedis({ own: true });
    if (!('pid' in own) || own.pid === undefined) throw new Error('a Redis of the test’s own is a process');
    const { index } = await redisIndex({}, own.url, 100);
    await vi.waitFor(async () => expect(await index.health()).toMatchObject({ status: 'up' }));
    process.kill(own.pid, 'SIGSTOP');
    const asked = performance.now();
    await expect(index.search(HOME, direction(1), 1)).rejects.toThrow('redis timeout');
    expect(performance.now() - asked).toBeLessThan(2_000);
    for (let i = 0; i < 3; i++) await index.search(HOME, direction(1), 1).catch(() => undefined);
    expect(index.isUp).toBe(false);
    expect(await index.health()).toMatchObject({ status: 'down' });
    process.kill(own.pid, 'SIGCONT');
    await vi.waitFor(() => expect(index.isUp).toBe(true), { timeout: 10_000 });
    await index.close();
    await own.stop();
  });
});

/** A server that knows Redis' protocol and no vector sets, as Redis 7 and Valkey do. */
async function withoutVectorSets(): Promise<{ url: string; close(): void }> {
  const answers = (line: string): string => {
    if (/VCARD|VADD|VSIM/.test(line)) return "-ERR unknown command 'VCARD', with args beginning with: 'x'\r\n";
    return line.includes('INFO') ? '$15\r\nredis_version:7\r\n' : '+PONG\r\n';
  };
  const old = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      const commands = data.toString().split(/(?=\*\d+\r\n)/);
      for (const command of commands)
        socket.write(/HELLO/i.test(command) ? '-ERR unknown command HELLO\r\n' : answers(command.toUpperCase()));
    });
  }).listen(0, '127.0.0.1');
  await once(old, 'listening');
  const address = old.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `redis://127.0.0.1:${port}`, close: () => void old.close() };
}

test('a server without vector sets: one line says so, and so does its health', async () => {
  const old = await withoutVectorSets();
  const lines: string[] = [];
  const log = {
    warn: (...line: unknown[]) => lines.push(String(line.at(-1))),
    info: () => undefined,
  } as unknown as Logger;
  const { index } = await redisIndex({ log }, old.url);
  await vi.waitFor(() => expect(index.isUp).toBe(false), { timeout: 5_000 });
  expect(await index.health()).toMatchObject({ status: 'down', detail: expect.stringContaining('no vector sets') });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('semantic_cache.redis_url');
  await index.close();
  old.close();
});
