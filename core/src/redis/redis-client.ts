import { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';

/** Longest pause between two tries to reach a lost Redis. */
const MAX_RECONNECT_MS = 1_000;

/**
 * A client that never holds a request up: while Redis is away a command fails at once instead of queueing, and one
 * that gets no reply fails at the configured bound. It reconnects by itself for as long as the process lives.
 */
export function createRedis(settings: Config['redis']): Redis {
  const redis = new Redis(settings.url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    commandTimeout: settings.timeoutMs,
    connectTimeout: 5_000,
    db: settings.db,
    retryStrategy: (attempt) => Math.min(attempt * 50, MAX_RECONNECT_MS) * (0.5 + Math.random() / 2),
  });
  return redis;
}
