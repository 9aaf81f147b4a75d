import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Config } from '../config/config.ts';
import { topologyOf, type RedisTopology } from './redis-topology.ts';

/** Longest pause between two tries to reach a lost Redis. */
const MAX_RECONNECT_MS = 1_000;
/**
 * The client's own clock runs so much longer than the callers' bound. It rejects in the very tick in which a process that
 * stood still wakes up, before the reply that lies in the socket is read, and must not be the one to judge.
 */
const CLIENT_GRACE_MS = 1_000;
/** A connection on which an answer is due for so long is given up: its other end may be gone without a word. */
const SILENCE_MS = 5_000;
/** How long before a Cluster's node that fails is asked again, and how often its slots are looked up. */
const FAILOVER_RETRY_MS = 100;
const SLOTS_EVERY_MS = 5_000;

/** One Redis, the master that sentinels name, or a Cluster. */
export type AnyRedis = Redis | Cluster;

/** A connection that knows how long a request may wait for it. */
export type BoundedRedis = AnyRedis & {
  /** Milliseconds that one request may wait for Redis in all; its callers keep the time. */
  readonly boundMs: number;
};

/**
 * A client that never holds a request up: while Redis is away a command fails at once instead of queueing. It reconnects
 * by itself for as long as the process lives.
 */
export function createRedis(settings: Config['redis']): BoundedRedis {
  const topology = topologyOf(settings.url);
  const boundMs = settings.timeoutMs;
  const { db } = settings;
  if (topology === undefined) return Object.assign(new Redis(settings.url, { ...common(boundMs), db }), { boundMs });
  return topology.form === 'sentinel'
    ? Object.assign(new Redis({ ...behindSentinels(topology, boundMs), db }), { boundMs })
    : Object.assign(new Cluster([...topology.hosts], clusterOptions(topology, boundMs)), { boundMs });
}

/** The connection to the master that has a key. Throws an Error while a Cluster does not know it. */
export async function masterOf(redis: AnyRedis, key: string): Promise<Redis> {
  if (!(redis instanceof Cluster)) return redis;
  const [master] = redis.slots[await redis.cluster('KEYSLOT', key)] ?? [];
  const node = redis.nodes('master').find(({ options }) => `${options.host}:${options.port}` === master);
  if (node === undefined) throw new Error('the Cluster has no master for this key');
  return node;
}

function common(boundMs: number) {
  return {
    lazyConnect: true,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    maxRetriesPerRequest: 0,
    commandTimeout: boundMs + CLIENT_GRACE_MS,
    socketTimeout: boundMs + SILENCE_MS,
    connectTimeout: 5_000,
    retryStrategy: pauseBefore,
  } satisfies RedisOptions;
}

function behindSentinels({ hosts, tls, username, password, master }: RedisTopology, boundMs: number) {
  return {
    ...common(boundMs),
    sentinels: [...hosts],
    ...(master === undefined ? {} : { name: master }),
    ...credentialsOf({ username, password }),
    // Sentinels without a password take any of the default user's.
    ...(password === undefined ? {} : { sentinelUsername: 'default', sentinelPassword: password }),
    // One that accepts and says nothing must not keep the others from being asked.
    sentinelCommandTimeout: boundMs + CLIENT_GRACE_MS,
    ...(tls ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
    sentinelRetryStrategy: pauseBefore,
    // A master that became a replica under an open connection: the sentinels know the new one. (ioredis' failoverDetector, of
    // version 6.0, ends the client for good when it fires while the client connects.)
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  } satisfies RedisOptions;
}

function clusterOptions({ tls, username, password }: RedisTopology, boundMs: number) {
  const { lazyConnect, enableOfflineQueue, enableAutoPipelining, retryStrategy, ...redisOptions } = common(boundMs);
  return {
    lazyConnect,
    enableOfflineQueue,
    enableAutoPipelining,
    clusterRetryStrategy: retryStrategy,
    retryDelayOnFailover: FAILOVER_RETRY_MS,
    retryDelayOnClusterDown: FAILOVER_RETRY_MS,
    slotsRefreshInterval: SLOTS_EVERY_MS,
    redisOptions: { ...redisOptions, ...credentialsOf({ username, password }), ...(tls ? { tls: {} } : {}) },
  };
}

function credentialsOf({ username, password }: Pick<RedisTopology, 'username' | 'password'>) {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

function pauseBefore(attempt: number): number {
  return Math.min(attempt * 50, MAX_RECONNECT_MS) * (0.5 + Math.random() / 2);
}
