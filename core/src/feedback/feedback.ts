import { GatewayError, type Principal, type StoredEntry } from '@isartor/shared';
import type { ExactCacheStore } from '../l1a-exact-cache/exact-cache-store.port.ts';
import type { RecordAudit } from '../l1a-exact-cache/tenant-records/record-audit.ts';
import { faultCode } from '../redis/redis-fault.ts';
import type { FeedbackOutcome, Metrics } from '../telemetry/metrics.port.ts';
import type { FeedbackLimit } from './feedback-limit.ts';

/** A caller that reports an entry. */
export interface Report {
  readonly principal: Principal;
  readonly entry: string;
  readonly requestId: string;
}

/** What a report came to. */
export interface FeedbackAnswer {
  readonly entry: string;
  readonly quarantined: true;
  /** The entry that it was copied from, which is quarantined with it; null for one that is no copy. */
  readonly source: string | null;
  /** The list was full: every stored answer of the tenant is gone, this one among them. */
  readonly epoch_renewed: boolean;
}

/** Takes answers out of service that callers found wrong: in the tenant's record, which every reader obeys within 5 s. */
export class Feedback {
  constructor(
    private readonly store: ExactCacheStore,
    private readonly audit: RecordAudit,
    private readonly limit: FeedbackLimit,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Throws GatewayError: 404 where the caller's tenant has no such entry, 429 for a key that reports too often, 503
   * when the store does not answer; then the report may or may not be in force, and may be sent again.
   */
  async report(report: Report): Promise<FeedbackAnswer> {
    try {
      return await this.take(report);
    } catch (error) {
      this.metrics.feedback(outcomeOf(error));
      throw error;
    }
  }

  private async take(report: Report): Promise<FeedbackAnswer> {
    const { principal, entry } = report;
    const waitSecs = this.limit.take(`${principal.tenant} ${principal.keyName}`);
    if (waitSecs !== undefined) {
      throw new GatewayError('rate_limited', 'This key reports too many answers at once.', {
        retryAfterSecs: waitSecs,
      });
    }
    const { meta } = await this.find(principal.tenant, entry);
    // The source first: with it every copy is gone.
    const digests = meta.source === null ? [entry] : [meta.source, entry];
    let repeated = true;
    for (const digest of digests) {
      const { before, after } = await this.quarantine(report, digest);
      if (before?.epoch !== after.epoch) return this.quarantined(report, meta.source, 'renewed');
      if (!before.quarantine.includes(digest)) repeated = false;
    }
    return this.quarantined(report, meta.source, repeated ? 'repeated' : 'quarantined');
  }

  private quarantine({ principal, requestId }: Report, digest: string) {
    const { tenant, keyName: key } = principal;
    return this.audit.change({ tenant, change: { kind: 'quarantine', digest }, by: 'caller', key, requestId });
  }

  private quarantined({ entry }: Report, source: string | null, outcome: FeedbackOutcome): FeedbackAnswer {
    this.metrics.feedback(outcome);
    return { entry, quarantined: true, source, epoch_renewed: outcome === 'renewed' };
  }

  /**
   * An entry does not name its tenant, but its epoch does: no two tenants have one. What is of an older epoch is served
   * to nobody any more.
   */
  private async find(tenant: string, digest: string): Promise<StoredEntry> {
    const { record, entry } = await this.read(tenant, digest);
    if (record !== undefined && entry?.meta.epoch === record.epoch) return entry;
    const message = 'There is no stored answer of this digest for this key’s tenant: it is wrong, expired or purged.';
    throw new GatewayError('entry_not_found', message, { param: 'entry' });
  }

  private async read(tenant: string, digest: string) {
    try {
      return await this.store.read(tenant, digest);
    } catch (cause) {
      const message = `The store of answers cannot be read (${faultCode(cause)}): report it again.`;
      throw new GatewayError('unconfirmed', message, { retryAfterSecs: 1, cause });
    }
  }
}

function outcomeOf(error: unknown): FeedbackOutcome {
  if (!(error instanceof GatewayError)) return 'unconfirmed';
  if (error.code === 'rate_limited') return 'limited';
  return error.code === 'entry_not_found' ? 'unknown' : 'unconfirmed';
}
