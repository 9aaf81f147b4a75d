import { GatewayError, type TenantRecord } from '@isartor/shared';
import { changeRecord } from '../l1a-exact-cache/tenant-records/change-record.ts';
import type { TenantChange, TenantRecords } from '../l1a-exact-cache/tenant-records/tenant-records.port.ts';
import type { Logger } from '../telemetry/log.ts';
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
  private readonly audit: Logger;

  /** `tenants` are those of the configuration. */
  constructor(
    private readonly records: TenantRecords,
    private readonly tenants: ReadonlySet<string>,
    log: Logger,
  ) {
    // Whatever the level: who purged what must be found later. Only `silent` silences it.
    this.audit = log.child({ audit: true }, { level: log.level === 'silent' ? 'silent' : 'info' });
  }

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
    try {
      const { before, after } = await this.records.change(tenant, change);
      this.trace(order, {
        outcome: 'confirmed',
        before: before === undefined ? null : brief(before),
        after: brief(after),
      });
      return { tenant, record: after };
    } catch (error) {
      this.trace(order, { outcome: 'unconfirmed' });
      throw error;
    }
  }

  private trace({ change, tenant, requestId }: ChangeOrder, what: object): void {
    const { kind: action, ...argument } = change;
    this.audit.info({ action, ...argument, tenant, by: 'admin', requestId, ...what }, 'the cache was administered');
  }

  private refuseUnknown(tenant: string, force: boolean): void {
    if (force || this.tenants.has(tenant)) return;
    const remedy = 'force=true takes it all the same';
    throw new GatewayError('tenant_not_found', `No key of the tenant ${tenant} is configured; ${remedy}.`, {
      param: 'tenant',
    });
  }
}

/** A record without its digests. */
function brief({ epoch, off, quarantine }: TenantRecord) {
  return { epoch, off, quarantined: quarantine.length };
}
