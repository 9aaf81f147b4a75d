import type { TenantRecord } from '@isartor/shared';
import type { MemoryExactCacheStore } from '../adapters/memory-exact-cache-store.ts';
import { changeRecord } from './change-record.ts';
import type { ChangedRecord, TenantChange, TenantRecords } from './tenant-records.port.ts';

/** The records of a store in this process's memory: they live and die with it. */
export class MemoryTenantRecords implements TenantRecords {
  constructor(
    private readonly store: Pick<MemoryExactCacheStore, 'changeRecord'>,
    private readonly nowMs: () => number = Date.now,
  ) {}

  read(tenant: string): Promise<TenantRecord | undefined> {
    return Promise.resolve(this.store.changeRecord(tenant, (record) => record));
  }

  change(tenant: string, change: TenantChange): Promise<ChangedRecord> {
    let before: TenantRecord | undefined;
    const after = this.store.changeRecord(tenant, (record) => {
      before = record;
      return changeRecord(record, change, this.nowMs());
    });
    return Promise.resolve({ before, after });
  }
}
