import type { TestProject } from 'vitest/node';
import { startFakeCore } from './fake-core.ts';
import { freePort } from './free-port.ts';
import { startRedisRest } from './redis-rest.ts';
import { startTestRedis } from './redis-server.ts';

/** Starts, in Node, what the Worker talks to. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // First, since it may refuse to go on; nothing else must run by then.
  const redis = await startTestRedis();
  const [a, b] = await Promise.all([startFakeCore(), startFakeCore()]);
  const rest = redis === undefined ? undefined : await startRedisRest(redis.url);
  project.provide('coreA', a.url);
  project.provide('coreB', b.url);
  project.provide('coreGone', `http://127.0.0.1:${await freePort()}`);
  project.provide('redisRest', rest?.url ?? '');
  return async () => {
    for (const { server } of [a, b]) {
      server.closeAllConnections();
      server.close();
    }
    rest?.stop();
    await redis?.stop();
  };
}
