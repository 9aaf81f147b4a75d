import type { StoredEntry, TenantRecord } from '@isartor/shared';

/** What one read of a store yields. */
export interface ExactCacheReading {
  /** The tenant's record; absent when there is none or only one older than a record already seen. */
  readonly record: TenantRecord | undefined;
  /** The entry; absent when there is none, when it was not asked for, or when its bytes are damaged. */
  readonly entry: StoredEntry | undefined;
}

/** How a store is, for `/readyz`. */
export interface StoreHealth {
  /** `degraded`: it answers, and something does not work. */
  readonly status: 'up' | 'degraded' | 'down';
  /** Since when it is not up: an ISO time. */
  readonly since?: string | undefined;
  readonly detail?: string | undefined;
}

/**
 * Where exact answers live. Every method may throw when the store is down or slower than its bound: the layer decides
 * what follows, a store never hides an outage as a miss.
 */
export interface ExactCacheStore {
  /**
   * Reads the tenant's record and, when `digest` is given, the entry, in one round trip. A tenant without a record
   * gets one, so that its first answer can be stored.
   */
  read(tenant: string, digest: string | undefined): Promise<ExactCacheReading>;
  /** As `read`, and leaves everything as it is: a tenant without a record is given none. */
  peek(tenant: string, digest: string | undefined): Promise<ExactCacheReading>;
  /** Stores an entry until its `staleUntil`. */
  write(digest: string, entry: StoredEntry): Promise<void>;
  health(): Promise<StoreHealth>;
  /** Begins to connect; never waits for it and never throws. */
  start(): void;
  close(): Promise<void>;
}

/** Token of the store in use. */
export const ExactCacheStore = Symbol('ExactCacheStore');
