import { GatewayError, type TenantRecord } from '@isartor/shared';
import { changeRecord } from '../l1a-exact-cache/tenant-records/change-record.ts';
import type { RecordAudit } from '../l1a-exact-cache/tenant-records/record-audit.ts';
import type { TenantChange, TenantRecords } from '../l1a-exact-cache/tenant-records/tenant-records.port.ts';
import type { ChangeOptions } from './admin-request.ts';

/** A change that is asked for. */
export interface ChangeOrder extends ChangeOptions {
  readonly tenant: string;
  readonly change: TenantChange;
  readonly requestId: string;
}

/** What the administration answers. */
export interface RecordReport {
  readonly tenant: string;
  /** The record now in force; null where there is none. */
  readonly record: TenantRecord | null;
  readonly dry_run?: true;
  /** After a dry run: what the record would be. A new epoch would differ in its digits. */
  readonly would_be?: TenantRecord;
}

/** Shows and changes what is in force for tenants' stored answers, and leaves a trace of each change. */
export class CacheAdministration {
  /** `tenants` are those of the configuration. */
  constructor(
    private readonly records: TenantRecords,
    private readonly audit: RecordAudit,
    private readonly tenants: ReadonlySet<string>,
  ) {}

  /** Throws GatewayError: 404 for a tenant nobody configured, 503 when the store does not answer. */
  async show(tenant: string, force: boolean): Promise<RecordReport> {
    this.refuseUnknown(tenant, force);
    return { tenant, record: (await this.records.read(tenant)) ?? null };
  }

  /** Throws as `show`; then the change may or may not be in force. */
  async change(order: ChangeOrder): Promise<RecordReport> {
    const { tenant, change } = order;
    this.refuseUnknown(tenant, order.force);
    if (order.dryRun) {
      const record = await this.records.read(tenant);
      return { tenant, record: record ?? null, dry_run: true, would_be: changeRecord(record, change, Date.now()) };
    }
    const { after } = await this.audit.change({ tenant, change, by: 'admin', requestId: order.requestId });
    return { tenant, record: after };
  }

  private refuseUnknown(tenant: string, force: boolean): void {
    if (force || this.tenants.has(tenant)) return;
    const remedy = 'force=true takes it all the same';
    throw new GatewayError('tenant_not_found', `No key of the tenant ${tenant} is configured; ${remedy}.`, {
      param: 'tenant',
    });
  }
}
