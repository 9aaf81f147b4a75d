import type { TenantRecord } from '@isartor/shared';
import { auditOf } from '../../telemetry/audit.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { ChangedRecord, TenantChange, TenantRecords } from './tenant-records.port.ts';

/** A change, and who asks for it. */
export interface AuditedChange {
  readonly tenant: string;
  readonly change: TenantChange;
  /** `admin`, or `caller` with the name of its key. */
  readonly by: 'admin' | 'caller';
  readonly key?: string | undefined;
  readonly requestId: string;
}

/** Changes records, and leaves one line in the log of each change, confirmed or not. */
export class RecordAudit {
  private readonly audit: Logger;

  constructor(
    private readonly records: TenantRecords,
    log: Logger,
  ) {
    this.audit = auditOf(log);
  }

  /** As TenantRecords.change. */
  async change(order: AuditedChange): Promise<ChangedRecord> {
    try {
      const { before, after } = await this.records.change(order.tenant, order.change);
      const was = before === undefined ? null : brief(before);
      this.trace(order, { outcome: 'confirmed', before: was, after: brief(after) });
      return { before, after };
    } catch (error) {
      this.trace(order, { outcome: 'unconfirmed' });
      throw error;
    }
  }

  private trace({ change, tenant, by, key, requestId }: AuditedChange, what: object): void {
    const { kind: action, ...argument } = change;
    const who = key === undefined ? { by } : { by, key };
    this.audit.info({ action, ...argument, tenant, ...who, requestId, ...what }, 'the cache was administered');
  }
}

/** A record without its digests. */
function brief({ epoch, off, quarantine }: TenantRecord) {
  return { epoch, off, quarantined: quarantine.length };
}
