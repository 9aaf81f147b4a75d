/**
 * Redis key of a stored entry. The braces keep all that belongs to one entry (its lease, its chunk stream) in one slot
 * of a Redis Cluster, and spread one tenant's entries over all of them.
 */
export function entryKey(namespace: string, digest: string): string {
  return `${namespace}:v1:x:{${digest}}`;
}

/** Redis key of the policy that the cores serve by. */
export function policyKey(namespace: string): string {
  return `${namespace}:v1:policy`;
}

/** Redis key of a tenant's record. */
export function tenantRecordKey(namespace: string, tenant: string): string {
  return `${namespace}:v1:tenant:${tenant}`;
}

/** Redis key of an API key's record; `sha256` is the hex digest of the key. */
export function apiKeyRecordKey(namespace: string, sha256: string): string {
  return `${namespace}:v1:key:${sha256}`;
}
