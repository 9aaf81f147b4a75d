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
import type { BudgetedReader } from './guarded-reader.ts';
import type { WaitBudget } from './wait-budget.ts';

/** An entry that was found, and its age. */
export interface FoundEntry {
  readonly entry: StoredEntry;
  readonly ageSecs: number;
}

/** An entry that may answer a request. */
interface ExactHit extends FoundEntry {
  readonly kind: 'hit';
  readonly from: 'colo' | 'redis';
}

/**
 * What came of a look-up; `error`: Redis did not answer, so nothing is known. `stale` may bridge a core that fails; see
 * stillStale.
 */
export type ExactFinding =
  ExactHit | { readonly kind: 'miss'; readonly stale?: FoundEntry | undefined } | { readonly kind: 'error' };

/** What a look-up needs besides the question. */
export interface ExactLookupParts {
  readonly settings: Settings;
  readonly colo: ColoCache;
  readonly redis: BudgetedReader | undefined;
  readonly rules: TenantRulesMemory;
  readonly now: () => number;
}

const MISS = { kind: 'miss' } as const;

/** What the colo gives: a hit, or a copy that needs newer rules than those known. */
export interface ColoFinding {
  readonly hit?: ExactHit;
  readonly copy?: ColoCopy | undefined;
  /** Reads the rules anew; to be done behind the answer. */
  readonly refresh?: () => Promise<unknown>;
}

/** Looks for a colo copy, to be judged by rules at most 5 s old. */
export async function lookInColo(ask: ExactAsk, wait: WaitBudget, parts: ExactLookupParts): Promise<ColoFinding> {
  const { rules, now, colo } = parts;
  // A Cache API that throws is a miss; where it is broken, Redis still answers.
  const copy = await colo.get(ask.digest).catch(() => undefined);
  const trusted = rules.trusted(ask.tenant, now());
  if (copy === undefined || trusted === undefined || !mayServeCopy(copy, parts)) return { copy };
  const judgement = judged(ask, copy.entry.meta, trusted, parts);
  if (judgement.verdict !== 'hit') return { copy };
  const found = { hit: hit(copy.entry, judgement.ageSecs, 'colo') };
  const isDue = parts.redis !== undefined && rules.claimRefresh(trusted, ask.tenant, now());
  return isDue ? { ...found, refresh: () => readRules(ask, wait, parts) } : found;
}

/** Without Redis nobody can take a copy back, so it lives 5 s. */
function mayServeCopy(copy: ColoCopy, { redis, now }: ExactLookupParts): boolean {
  return redis !== undefined || isTrusted(copy.keptAt, now());
}

/**
 * Looks in Redis, where one round trip brings the tenant's record, the policy and the entry, and the colo copy is judged
 * again by them. Never throws.
 */
export async function lookInRedis(
  ask: ExactAsk,
  copy: ColoCopy | undefined,
  wait: WaitBudget,
  parts: ExactLookupParts,
): Promise<ExactFinding> {
  const { redis } = parts;
  if (redis === undefined) return MISS;
  try {
    return await readRedis(ask, copy, { redis, wait }, parts);
  } catch {
    return { kind: 'error' };
  }
}

/** Redis, and how long this request may wait for it. */
interface RedisAccess {
  readonly redis: BudgetedReader;
  readonly wait: WaitBudget;
}

async function readRedis(
  ask: ExactAsk,
  copy: ColoCopy | undefined,
  { redis, wait }: RedisAccess,
  parts: ExactLookupParts,
): Promise<ExactFinding> {
  const namespace = parts.settings.cacheNamespace;
  const readAt = parts.now();
  const [record, policy, value] = await redis.read(wait, ...ruleKeys(ask, parts), entryKey(namespace, ask.digest));
  const inForce = remembered(ask, { record, policy, readAt }, parts);
  const entry = value === undefined ? undefined : decodeStoredEntry(new TextEncoder().encode(value));
  let stale: FoundEntry | undefined;
  for (const [candidate, from] of [
    [copy?.entry, 'colo'],
    [entry, 'redis'],
  ] as const) {
    if (candidate === undefined) continue;
    const judgement = judged(ask, candidate.meta, inForce, parts);
    if (judgement.verdict === 'hit') return hit(candidate, judgement.ageSecs, from);
    if (judgement.verdict === 'stale') stale = { entry: candidate, ageSecs: judgement.ageSecs };
  }
  return { kind: 'miss', stale };
}

/**
 * Looks again at an entry found stale, some time later: the request may have waited minutes for its core, and a purge or
 * a kill switch acts within 5 s. Reads the rules anew where the known ones are older than that.
 *
 * @returns `undefined` where the entry may not be served any more, or where nobody can tell.
 */
export async function stillStale(
  ask: ExactAsk,
  { entry }: FoundEntry,
  wait: WaitBudget,
  parts: ExactLookupParts,
): Promise<FoundEntry | undefined> {
  const inForce = parts.rules.trusted(ask.tenant, parts.now()) ?? (await readRules(ask, wait, parts));
  if (inForce === undefined) return undefined;
  const judgement = judged(ask, entry.meta, inForce, parts);
  return judgement.verdict === 'miss' ? undefined : { entry, ageSecs: judgement.ageSecs };
}

async function readRules(ask: ExactAsk, wait: WaitBudget, parts: ExactLookupParts): Promise<TenantRules | undefined> {
  const { redis, now } = parts;
  if (redis === undefined) return undefined;
  const readAt = now();
  try {
    const [record, policy] = await redis.read(wait, ...ruleKeys(ask, parts));
    return remembered(ask, { record, policy, readAt }, parts);
  } catch {
    return undefined;
  }
}

function ruleKeys({ tenant }: ExactAsk, { settings }: ExactLookupParts): [record: string, policy: string] {
  return [tenantRecordKey(settings.cacheNamespace, tenant), policyKey(settings.cacheNamespace)];
}

/** Rules as Redis holds them. */
interface RulesRead {
  readonly record: string | undefined;
  readonly policy: string | undefined;
  readonly readAt: number;
}

function remembered({ tenant }: ExactAsk, read: RulesRead, { rules }: ExactLookupParts): TenantRules {
  const record = read.record === undefined ? undefined : parseTenantRecord(read.record);
  return rules.remember(tenant, { ...read, record });
}

function hit(entry: StoredEntry, ageSecs: number, from: ExactHit['from']): ExactHit {
  return { kind: 'hit', entry, ageSecs, from };
}

function judged(ask: ExactAsk, meta: StoredEntryMeta, inForce: TenantRules, parts: ExactLookupParts): Judgement {
  return judgeEntry(meta, {
    now: parts.now(),
    digest: ask.digest,
    record: inForce.record,
    policy: inForce.policy,
    maxTtlSecs: parts.settings.cacheTtlSecs,
    requestTtlSecs: ask.maxAgeSecs,
    skipped: ask.skipped,
    wantsStream: ask.stream,
    wantsUsage: ask.wantsUsage,
  });
}
