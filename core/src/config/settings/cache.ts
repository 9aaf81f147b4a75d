import { redisAddress } from '../address-types.ts';
import { setting } from '../setting.ts';
import { byteSize, choice, flag, namespace, wholeNumber } from '../value-types.ts';

const YEAR_SECS = 31_536_000;

/** Both caches, and L1a's store. */
export const CACHE_SETTINGS = {
  cacheMode: setting({
    path: 'cache_mode',
    type: choice(['both', 'exact', 'semantic', 'off']),
    default: 'both',
    doc: 'Which caches are kept. Whether the semantic one answers is `semantic_cache.mode`.',
  }),
  cacheBackend: setting({
    path: 'exact_cache.provider',
    aliases: ['cache_backend'],
    env: 'ISARTOR__CACHE_BACKEND',
    type: choice(['memory', 'redis']),
    default: 'memory',
    doc: '`redis`: all pods share the cache. `memory`: each process has its own.',
  }),
  redisUrl: setting({
    path: 'exact_cache.redis_url',
    aliases: ['redis_url'],
    env: 'ISARTOR__REDIS_URL',
    type: redisAddress(),
    default: 'redis://127.0.0.1:6379',
    secret: true,
    doc:
      '`redis://` or `rediss://` (TLS), credentials and database in it if there are any; `redis+sentinel://host,host/master` (the sentinels, ' +
      'and the name they know the master by) and `redis+cluster://host,host` (some of its nodes), with TLS `rediss+…`.',
  }),
  redisDb: setting({
    path: 'exact_cache.redis_db',
    aliases: ['redis_db'],
    env: 'ISARTOR__REDIS_DB',
    type: wholeNumber(0, 65_535),
    default: undefined,
    defaultText: 'the one in the URL, else `0`',
    doc: 'Number of the Redis database.',
  }),
  redisTimeoutMs: setting({
    path: 'exact_cache.redis_timeout_ms',
    aliases: ['redis_timeout_ms'],
    env: 'ISARTOR__REDIS_TIMEOUT_MS',
    type: wholeNumber(1, 60_000),
    default: 100,
    unit: 'milliseconds',
    doc: 'How long a request waits for Redis at most before it goes on without (the edge has its own default, 200).',
  }),
  cacheTtlSecs: setting({
    path: 'cache_ttl_secs',
    type: wholeNumber(1, YEAR_SECS),
    default: 300,
    unit: 'seconds',
    doc: 'How long an answer is fresh, in both caches.',
  }),
  cacheStaleSecs: setting({
    path: 'cache_stale_secs',
    type: wholeNumber(0, YEAR_SECS),
    default: 3600,
    unit: 'seconds',
    doc: 'How long past that an entry may still serve as stale when nothing else can answer.',
  }),
  cacheMaxCapacity: setting({
    path: 'cache_max_capacity',
    type: wholeNumber(1, 100_000_000),
    default: 50_000,
    unit: 'entries',
    doc: 'Most entries of each cache in memory (Redis evicts by its `maxmemory`).',
  }),
  cacheMaxBytes: setting({
    path: 'cache_max_bytes',
    type: byteSize(1),
    default: '64 MiB',
    unit: 'bytes',
    doc: 'Most bytes of the exact cache in memory.',
  }),
  cacheNamespace: setting({
    path: 'cache_namespace',
    type: namespace(),
    default: 'isartor',
    doc: 'In front of every Redis key. Deployments that differ in what decides an answer need one each. Set it alike at edge and core.',
  }),
  cacheShareUsers: setting({
    path: 'cache_share_users',
    type: flag(),
    default: false,
    doc: '`true`: `user`, `safety_identifier` and `metadata` do not part entries. Set it alike at edge and core.',
  }),
  cacheSampled: setting({
    path: 'cache_sampled',
    type: flag(),
    default: true,
    doc: '`false`: requests with a temperature above 0, or none, are not cached. Set it alike at edge and core.',
  }),
};
