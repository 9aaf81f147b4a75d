import {
  decodeStoredEntry,
  entryKey,
  judgeEntry,
  parseTenantRecord,
  policyKey,
  tenantRecordKey,
} from '@isartor/shared';
import type { Judgement, StoredEntry, StoredEntryMeta } from '@isartor/shared';
import type { ColoCache, ColoCopy } from './colo-cache.ts';
import type { Settings } from './env.ts';
import type { ExactAsk } from './exact-ask.ts';
import { isTrusted } from './freshness.ts';
import type { TenantRules, TenantRulesMemory } from './tenant-rules.ts';
import type { RedisReader } from './upstash-cache.ts';

/** An entry that may answer a request. */
export interface ExactHit {
  readonly kind: 'hit';
  readonly entry: StoredEntry;
  readonly ageSecs: number;
  readonly from: 'colo' | 'redis';
}

/** What came of a look-up; `error`: Redis did not answer, so nothing is known. */
export type ExactFinding = ExactHit | { readonly kind: 'miss' | 'error' };

/** What a look-up needs besides the question. */
export interface ExactLookupParts {
  readonly settings: Settings;
  readonly colo: ColoCache;
  readonly redis: RedisReader | undefined;
  readonly rules: TenantRulesMemory;
  readonly now: () => number;
}

const MISS = { kind: 'miss' } as const;

/**
 * Looks for an entry: first the colo copy, by rules at most 5 s old; then Redis, where one round trip brings the
 * tenant's record, the policy and the entry, and the colo copy is judged again by them.
 */
export async function lookUpExact(ask: ExactAsk, parts: ExactLookupParts): Promise<ExactFinding> {
  const { rules, now, redis, colo } = parts;
  // A Cache API that throws is a miss; where it is broken, Redis still answers.
  const copy = await colo.get(ask.digest).catch(() => undefined);
  const trusted = rules.trusted(ask.tenant, now());
  if (copy !== undefined && trusted !== undefined && mayServeCopy(copy, parts)) {
    const hit = judged(ask, copy.entry, 'colo', trusted, parts);
    if (hit !== undefined) return hit;
  }
  if (redis === undefined) return MISS;
  try {
    return await readRedis(ask, copy, redis, parts);
  } catch {
    return { kind: 'error' };
  }
}

/** Without Redis nobody can take a copy back, so it lives 5 s. */
function mayServeCopy(copy: ColoCopy, { redis, now }: ExactLookupParts): boolean {
  return redis !== undefined || isTrusted(copy.keptAt, now());
}

async function readRedis(
  ask: ExactAsk,
  copy: ColoCopy | undefined,
  redis: RedisReader,
  parts: ExactLookupParts,
): Promise<ExactFinding> {
  const { settings, rules, now } = parts;
  const namespace = settings.cacheNamespace;
  const readAt = now();
  const [record, policy, value] = await redis.read(
    tenantRecordKey(namespace, ask.tenant),
    policyKey(namespace),
    entryKey(namespace, ask.digest),
  );
  const read = { record: record === undefined ? undefined : parseTenantRecord(record), policy, readAt };
  const inForce = rules.remember(ask.tenant, read);
  const fromColo = copy === undefined ? undefined : judged(ask, copy.entry, 'colo', inForce, parts);
  if (fromColo !== undefined) return fromColo;
  const entry = value === undefined ? undefined : decodeStoredEntry(new TextEncoder().encode(value));
  return (entry === undefined ? undefined : judged(ask, entry, 'redis', inForce, parts)) ?? MISS;
}

function judged(
  ask: ExactAsk,
  entry: StoredEntry,
  from: ExactHit['from'],
  inForce: TenantRules,
  parts: ExactLookupParts,
): ExactHit | undefined {
  const judgement = judgedMeta(ask, entry.meta, inForce, parts);
  return judgement.verdict === 'hit' ? { kind: 'hit', entry, ageSecs: judgement.ageSecs, from } : undefined;
}

function judgedMeta(ask: ExactAsk, meta: StoredEntryMeta, inForce: TenantRules, parts: ExactLookupParts): Judgement {
  return judgeEntry(meta, {
    now: parts.now(),
    digest: ask.digest,
    record: inForce.record,
    policy: inForce.policy,
    maxTtlSecs: parts.settings.cacheTtlSecs,
    requestTtlSecs: ask.maxAgeSecs,
    skipped: ask.skipped,
    wantsStream: ask.request.stream,
  });
}
