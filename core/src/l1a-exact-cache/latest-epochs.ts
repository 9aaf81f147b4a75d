import { compareEpochs, type TenantRecord } from '@isartor/shared';
import { LRUCache } from 'lru-cache';

/** Tenants whose latest epoch is remembered; more than one core is expected to serve. */
const MAX_TENANTS = 10_000;

/**
 * The latest epoch seen of each tenant. A record with an earlier one comes from a lagging replica or a restored
 * snapshot, and would bring purged answers back: it is treated as missing.
 */
export class LatestEpochs {
  private readonly seen = new LRUCache<string, string>({ max: MAX_TENANTS });

  /** The record, or undefined when a later epoch of this tenant has been seen. */
  admit(tenant: string, record: TenantRecord | undefined): TenantRecord | undefined {
    if (record === undefined) return undefined;
    const latest = this.seen.get(tenant);
    if (latest === undefined || compareEpochs(record.epoch, latest) > 0) {
      this.seen.set(tenant, record.epoch);
      return record;
    }
    return record.epoch === latest ? record : undefined;
  }

  /** The latest epoch seen of a tenant: a new record must come after it. */
  of(tenant: string): string | undefined {
    return this.seen.get(tenant);
  }
}
