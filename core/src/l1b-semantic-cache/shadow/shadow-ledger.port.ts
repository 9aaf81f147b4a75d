import type { Usage } from '@isartor/shared';

/** How far back a report goes, today included. */
export const REPORT_DAYS = 7;
/** Pairs in a report. */
export const MAX_PAIRS = 50;

/** Two questions of which the second's answer would have been served to the first. */
export interface ShadowPair {
  readonly tenant: string;
  readonly model: string;
  /** Digests of their cache keys. */
  readonly asked: string;
  readonly answered: string;
  readonly cosine: number;
  /** That both have one answer; null where it was not weighed. */
  readonly probability: number | null;
  /** Only where the operator has texts kept (`semantic_cache.log_pairs`), and cut where they are long. */
  readonly texts?: { readonly asked: string; readonly answered: string };
}

/** What became of one question that was looked up in the shadow. */
export interface ShadowFinding {
  readonly tenant: string;
  /** The model that answered in the end. */
  readonly model: string;
  /** Undefined where nothing would have been served. */
  readonly hit:
    { readonly pair: Required<Omit<ShadowPair, 'tenant' | 'model'>>; readonly usage: Usage | null } | undefined;
}

/** What the shadow found for one tenant and model. */
export interface ShadowGroup {
  readonly tenant: string;
  readonly model: string;
  readonly lookups: number;
  readonly hits: number;
  /** Hits whose answer does not tell its usage: their tokens are not in what follows. */
  readonly unmetered: number;
  /** Tokens that would not have been spent. */
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
}

/** What serving would have done. */
export interface ShadowReport {
  /** First and last day, UTC. */
  readonly from: string;
  readonly to: string;
  readonly groups: readonly ShadowGroup[];
  /** Those nearest to not being served, the nearest first. */
  readonly riskiest: readonly ShadowPair[];
}

/** Keeps what the shadow found of the last days, bounded in groups and in pairs. */
export interface ShadowLedger {
  /** Never throws, never waits. */
  record(finding: ShadowFinding): void;
  /** Throws when what other processes found cannot be read. */
  report(): Promise<ShadowReport>;
  start(): void;
  /** Never throws. */
  close(): Promise<void>;
}

/** Token of the ledger in use. */
export const ShadowLedger = Symbol('ShadowLedger');
