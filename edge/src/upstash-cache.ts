import { Redis } from '@upstash/redis/cloudflare';
import type { UpstashSettings } from './env.ts';
import type { WaitBound } from './wait-budget.ts';

/** Reads values of the global Redis. */
export interface RedisReader {
  /**
   * Reads all keys in one round trip, in order; `undefined` where there is none.
   *
   * @throws when Redis cannot be reached, answers an error, or does not answer within the bound.
   */
  read(bound: WaitBound, ...keys: [string, ...string[]]): Promise<(string | undefined)[]>;
}

/** Reads Redis through Upstash's REST interface; the token may be read-only. */
export function upstashCache(upstash: UpstashSettings): RedisReader {
  let next: AbortSignal | undefined;
  const redis = new Redis({
    url: upstash.url,
    token: upstash.token,
    // Values are taken as they are: an entry's bytes must not pass through JSON.parse.
    automaticDeserialization: false,
    ...(upstash.base64 ? {} : { responseEncoding: false as const }),
    // `false` would still try twice (the client loops to `attempts` inclusively).
    retry: { retries: 0 },
    // A function: with a plain signal the client turns an abort into a made-up 200 answer.
    signal: () => next ?? AbortSignal.abort(),
    readYourWrites: false,
    enableTelemetry: false,
  });
  return {
    async read({ limitMs, client }, ...keys) {
      const pipeline = redis.pipeline();
      for (const key of keys) pipeline.get(key);
      // The client takes its signal before `exec` returns, so no other read comes between.
      next = AbortSignal.any([client, AbortSignal.timeout(limitMs)]);
      const reading = pipeline.exec<unknown[]>();
      // A signal belongs to its request: none may stay behind for another.
      next = undefined;
      const values = await reading;
      return keys.map((_, index) => {
        const value = values[index];
        return typeof value === 'string' ? value : undefined;
      });
    },
  };
}
