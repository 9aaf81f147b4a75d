import type { LayerName, Usage } from '@isartor/shared';

/** What is counted of a row, in the order in which it is stored. Tokens are those of answers, paid for or not. */
export const USAGE_COUNTS = ['requests', 'input', 'output', 'cached', 'reasoning', 'spentNano', 'savedNano'] as const;
/** Whole numbers; money in billionths of a US dollar, so that sums are exact. */
export type UsageCounts = Record<(typeof USAGE_COUNTS)[number], number>;

/** Whose usage. */
export interface UsageKey {
  readonly tenant: string;
  /** The name of the API key. */
  readonly key: string;
  /** As it was asked for, in an answer from a cache as it answered. */
  readonly model: string;
  readonly layer: LayerName;
}

/** What one hour came to. */
export interface UsageRow extends UsageKey {
  /** Hours since 1970, UTC. */
  readonly hour: number;
  readonly counts: Readonly<UsageCounts>;
}

/** A request, or a call to a provider, that is over; or several requests that the edge tells of together. */
export interface UsageEvent extends UsageKey {
  /** 1 for a request, 0 for a call. */
  readonly requests: number;
  readonly usage: Usage | undefined;
  readonly spentUsd: number;
  readonly savedUsd: number;
}

/** Which hours are asked for, both included, and whose; undefined: everybody's. */
export interface UsageRange {
  readonly fromHour: number;
  readonly toHour: number;
  readonly tenant: string | undefined;
}

/** Counts what requests use, by the hour. */
export interface UsageLedger {
  /** Whether what other processes counted is in it too. */
  readonly of: 'redis' | 'memory';
  /** Never throws, never waits. */
  add(event: UsageEvent): void;
  /** Throws GatewayError (503) when what other processes counted cannot be read. */
  read(range: UsageRange): Promise<readonly UsageRow[]>;
  start(): void;
  /** Passes on what it has. Never throws. */
  close(): Promise<void>;
}

/** Token of the ledger in use. */
export const UsageLedger = Symbol('UsageLedger');

export const HOUR_MS = 3_600_000;
