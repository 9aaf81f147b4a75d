import { testRedis } from './redis.ts';

/** A Redis 8 of the test file's own: its address, or '' and the reason why there is none. The file stops it at its end. */
export async function ownRedis(): Promise<{
  redis: string;
  redisSkip: string | undefined;
  stopRedis(): Promise<void>;
}> {
  const server = await testRedis({ own: true });
  return {
    redis: 'url' in server ? server.url : '',
    redisSkip: 'skip' in server ? server.skip : undefined,
    stopRedis: async () => {
      if ('stop' in server) await server.stop();
    },
  };
}
