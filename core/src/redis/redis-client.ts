import { Redis, type RedisOptions } from 'ioredis';
import type { Config } from '../config/config.ts';

/** Longest pause between two tries to reach a lost Redis. */
const MAX_RECONNECT_MS = 1_000;
/**
 * The client's own clock runs so much longer than the callers' bound. It rejects in the very tick in which a process that
 * stood still wakes up, before the reply that lies in the socket is read, and must not be the one to judge.
 */
const CLIENT_GRACE_MS = 1_000;
/** A connection on which an answer is due for so long is given up: its other end may be gone without a word. */
const SILENCE_MS = 5_000;

/** A connection that knows how long a request may wait for it. */
export class BoundedRedis extends Redis {
  constructor(
    /** Milliseconds that one request may wait for Redis in all; its callers keep the time. */
    readonly boundMs: number,
    url: string,
    options: RedisOptions & { readonly replyMapping?: 'legacy' },
  ) {
    super(url, options);
  }
}

/**
 * A client that never holds a request up: while Redis is away a command fails at once instead of queueing. It reconnects
 * by itself for as long as the process lives.
 */
export function createRedis(settings: Config['redis']): BoundedRedis {
  return new BoundedRedis(settings.timeoutMs, settings.url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    commandTimeout: settings.timeoutMs + CLIENT_GRACE_MS,
    socketTimeout: settings.timeoutMs + SILENCE_MS,
    connectTimeout: 5_000,
    db: settings.db,
    retryStrategy: (attempt) => Math.min(attempt * 50, MAX_RECONNECT_MS) * (0.5 + Math.random() / 2),
  });
}
