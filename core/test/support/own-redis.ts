import { testRedis } from './redis.ts';

/** A Redis 8 of the test file's own: its address, or '' and the reason why there is none. */
const server = await testRedis({ own: true });
export const redis = 'url' in server ? server.url : '';
export const redisSkip = 'skip' in server ? server.skip : undefined;

export async function stopRedis(): Promise<void> {
  if ('stop' in server) await server.stop();
}
