import type { LayerName } from '../layer/layer-name.ts';
import type { TenantRecord } from '../tenant-record.ts';
import { isStreamEntry } from './is-stream-entry.ts';
import type { StoredEntryMeta } from './stored-entry-meta.ts';

/** Why the exact cache did not hit. `absent` and `error` are the caller's to say; `off` is also for skipped layers. */
export const MISS_REASONS = [
  'absent',
  'expired',
  'epoch',
  'ttl',
  'off',
  'quarantined',
  'stream-only',
  'policy',
  'error',
] as const;
export type MissReason = (typeof MISS_REASONS)[number];

/** What a reader knows when it looks at an entry. */
export interface ReaderView {
  /** Unix milliseconds. */
  readonly now: number;
  /** The digest under which the entry was found. */
  readonly digest: string;
  /** The tenant's record, at most 5 s old; undefined when there is none or none could be read: a miss. */
  readonly record: TenantRecord | undefined;
  /** The policy in force; undefined when it is not known: a miss. */
  readonly policy: string | undefined;
  /** Policies that are as good as the one in force; none is unless said. */
  readonly standIns?: { has(policy: string): boolean } | undefined;
  /** The reader's own TTL in seconds: an entry with a longer life is a miss. */
  readonly maxTtlSecs: number;
  /** `x-isartor-cache-ttl`, in seconds: an entry of that age is a miss. */
  readonly requestTtlSecs?: number | undefined;
  /** Layers that this process's configuration disables or this request bypasses. */
  readonly skipped: ReadonlySet<LayerName>;
  readonly wantsStream: boolean;
  /** The client asked for the usage of a stream, which an entry kept as a stream does not have. */
  readonly wantsUsage?: boolean | undefined;
  /** The layer that would give the answer; l1a unless said otherwise. */
  readonly reader?: LayerName | undefined;
}

/** `stale`: fresh no longer, but what a failing upstream may be bridged with. */
export type Judgement =
  | { readonly verdict: 'hit' | 'stale'; readonly ageSecs: number }
  | { readonly verdict: 'miss'; readonly why: MissReason };

/** A writer's clock may run ahead of the reader's by so much. */
const CLOCK_TOLERANCE_MS = 2000;

/** Whether an entry may answer this request. When in doubt, it may not. */
export function judgeEntry(meta: StoredEntryMeta, view: ReaderView): Judgement {
  const why = missReason(meta, view);
  if (why !== undefined) return { verdict: 'miss', why };
  const ageSecs = Math.max(0, Math.floor((view.now - meta.createdAt) / 1000));
  return { verdict: view.now < meta.freshUntil ? 'hit' : 'stale', ageSecs };
}

function missReason(meta: StoredEntryMeta, view: ReaderView): MissReason | undefined {
  const { now, digest, record, policy, maxTtlSecs, requestTtlSecs, skipped, wantsStream, reader = 'l1a' } = view;
  if (record === undefined || record.epoch !== meta.epoch) return 'epoch';
  for (const layer of [reader, meta.origin, meta.layer]) {
    if (record.off.includes(layer) || skipped.has(layer)) return 'off';
  }
  if (record.quarantine.includes(digest)) return 'quarantined';
  if (meta.source !== null && record.quarantine.includes(meta.source)) return 'quarantined';
  if (policy !== meta.policy && (policy === undefined || view.standIns?.has(meta.policy) !== true)) return 'policy';
  if (meta.createdAt > now + CLOCK_TOLERANCE_MS) return 'ttl';
  if (meta.freshUntil - meta.createdAt > maxTtlSecs * 1000) return 'ttl';
  if (requestTtlSecs !== undefined && now - meta.createdAt >= requestTtlSecs * 1000) return 'ttl';
  if (now >= meta.freshUntil && now >= meta.staleUntil) return 'expired';
  if (isStreamEntry(meta) && (!wantsStream || view.wantsUsage === true)) return 'stream-only';
  return undefined;
}
