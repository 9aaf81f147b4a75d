import { nextEpoch, type StoredEntry, type TenantRecord } from '@isartor/shared';
import { LRUCache } from 'lru-cache';
import type { ExactCacheReading, ExactCacheStore, StoreHealth } from '../exact-cache-store.port.ts';

/** What an entry costs beside its body: key, metadata and the cache's own bookkeeping. */
const ENTRY_OVERHEAD_BYTES = 1024;
/** Tenants come from configuration; the bound only keeps a mistake from growing without end. */
const MAX_TENANTS = 100_000;

/** Bounds of a store in memory. */
export interface MemoryStoreBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** Answers in this process's memory, bounded in entries and in bytes, the least recently used leaving first. */
export class MemoryExactCacheStore implements ExactCacheStore {
  private readonly entries: LRUCache<string, StoredEntry>;
  private readonly records = new LRUCache<string, TenantRecord>({ max: MAX_TENANTS });

  constructor(
    bounds: MemoryStoreBounds,
    private readonly nowMs: () => number = Date.now,
  ) {
    this.entries = new LRUCache({
      max: bounds.maxEntries,
      maxSize: bounds.maxBytes,
      sizeCalculation: (entry) => entry.body.byteLength + ENTRY_OVERHEAD_BYTES,
    });
  }

  read(tenant: string, digest: string | undefined): Promise<ExactCacheReading> {
    let record = this.records.get(tenant);
    if (record === undefined) {
      record = { epoch: nextEpoch(this.nowMs(), undefined), off: [], quarantine: [] };
      this.records.set(tenant, record);
    }
    return Promise.resolve({ record, entry: digest === undefined ? undefined : this.living(digest) });
  }

  peek(tenant: string, digest: string | undefined): Promise<ExactCacheReading> {
    const entry = digest === undefined ? undefined : this.entries.peek(digest);
    const isLiving = entry !== undefined && entry.meta.staleUntil > this.nowMs();
    return Promise.resolve({ record: this.records.peek(tenant), entry: isLiving ? entry : undefined });
  }

  write(digest: string, entry: StoredEntry): Promise<void> {
    this.entries.set(digest, entry);
    return Promise.resolve();
  }

  /** Makes another record of a tenant's, in one step, and returns it; without one in its place nothing changes. */
  changeRecord<Changed extends TenantRecord | undefined>(
    tenant: string,
    change: (record: TenantRecord | undefined) => Changed,
  ): Changed {
    const changed = change(this.records.get(tenant));
    if (changed !== undefined) this.records.set(tenant, changed);
    return changed;
  }

  /** What it holds now. */
  get size(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.entries.size, bytes: this.entries.calculatedSize };
  }

  /** Nothing to connect to. */
  start(): void {}

  health(): Promise<StoreHealth> {
    return Promise.resolve({
      status: 'up',
      detail: `${this.entries.size} entries, ${this.entries.calculatedSize} bytes`,
    });
  }

  close(): Promise<void> {
    this.entries.clear();
    return Promise.resolve();
  }

  private living(digest: string): StoredEntry | undefined {
    const entry = this.entries.get(digest);
    if (entry === undefined || entry.meta.staleUntil > this.nowMs()) return entry;
    this.entries.delete(digest);
    return undefined;
  }
}
