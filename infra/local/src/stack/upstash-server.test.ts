import { once } from 'node:events';
import type { Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testRedis, type TestRedis } from '../testing/start-redis.ts';
import { portOf } from './port-of.ts';
import { createUpstashServer } from './upstash-server.ts';

let redis: TestRedis;
let server: Server | undefined;
let url: string;

beforeAll(async () => {
  redis = await testRedis({ own: true });
  if ('skip' in redis) return;
  server = createUpstashServer({ token: 'right', redisUrl: redis.url }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${portOf(server)}`;
});
afterAll(async () => {
  server?.close();
  if ('stop' in redis) await redis.stop();
});

const ask = (path: string, body: unknown, token: string): Promise<Response> =>
  fetch(url + path, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: JSON.stringify(body) });

it('speaks Upstash’s REST over a real Redis, one command or a pipeline', async ({ skip }) => {
  if ('skip' in redis) {
    skip(redis.skip);
    return;
  }
  expect(await (await ask('/', ['SET', 'a', 'ä'], 'right')).json()).toEqual({ result: 'OK' });
  const pipeline = [
    ['GET', 'a'],
    ['GET', 'absent'],
  ];
  expect(await (await ask('/pipeline', pipeline, 'right')).json()).toEqual([{ result: 'ä' }, { result: null }]);
});

it.each(['/', '/pipeline', '/multi-exec'])('asks for the token at %s', async (path) => {
  if ('skip' in redis) return;
  expect((await ask(path, [['GET', 'a']], 'wrong')).status).toBe(401);
});
