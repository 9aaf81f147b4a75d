import type { AnyRedis } from './redis-client.ts';

/**
 * Works on a connection of its own that is closed afterwards, for what is seldom and may block: the requests' connection
 * must not stand still. Throws what kept it from connecting, else what `work` throws, and an Error after `withinMs`.
 */
export async function withRedis<Result>(
  connect: () => AnyRedis,
  withinMs: number,
  work: (redis: AnyRedis) => Promise<Result>,
): Promise<Result> {
  const redis = connect();
  let failure: Error | undefined;
  redis.on('error', (error: Error) => {
    failure = error;
  });
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('no answer in time')), withinMs);
  try {
    const done = redis.connect().then(() => work(redis));
    done.catch(() => undefined);
    return await Promise.race([done, expired]);
  } catch (error) {
    throw failure ?? error;
  } finally {
    clearTimeout(timer);
    redis.disconnect();
  }
}
