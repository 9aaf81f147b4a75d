import { apiKeyRecordKey, encodeKeyRecord, policyKey, type KeyRecord } from '@isartor/shared';
import type { AnyRedis } from '../../redis/redis-client.ts';

/** What the core makes known to the edge: the policy it answers by, and the keys it knows. */
export interface Announcement {
  readonly policy: string;
  readonly keys: readonly KeyRecord[];
}

/**
 * Announces policy and keys. A key that is no longer configured must stop working at the edge too, so what was
 * announced before and is configured no more is withdrawn.
 */
export async function announceAll(redis: AnyRedis, namespace: string, { policy, keys }: Announcement): Promise<void> {
  const listKey = `${namespace}:v1:keys`;
  await redis.set(policyKey(namespace), policy);
  const configured = new Set(keys.map((key) => key.sha256));
  const withdrawn = (await redis.smembers(listKey)).filter((digest) => !configured.has(digest));
  await Promise.all([
    ...keys.map((key) => redis.set(apiKeyRecordKey(namespace, key.sha256), encodeKeyRecord(key))),
    ...withdrawn.map((digest) => redis.del(apiKeyRecordKey(namespace, digest))),
    configured.size > 0 ? redis.sadd(listKey, ...configured) : 0,
    withdrawn.length > 0 ? redis.srem(listKey, ...withdrawn) : 0,
  ]);
}

/** Puts the policy back where it is missing, and leaves another core's alone. */
export async function announceAbsent(redis: AnyRedis, namespace: string, { policy }: Announcement): Promise<void> {
  await redis.set(policyKey(namespace), policy, 'NX');
}

/** Redis' `maxmemory-policy`; undefined where CONFIG is not allowed (managed services). */
export async function readEvictionPolicy(redis: AnyRedis): Promise<string | undefined> {
  try {
    const reply: unknown = await redis.config('GET', 'maxmemory-policy');
    return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : undefined;
  } catch {
    // A managed Redis that forbids CONFIG: nothing can be checked.
    return undefined;
  }
}
