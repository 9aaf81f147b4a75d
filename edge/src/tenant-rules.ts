import { compareEpochs } from '@isartor/shared';
import type { TenantRecord } from '@isartor/shared';
import { BoundedMap } from './bounded-map.ts';
import { isTrusted } from './freshness.ts';

/** What decides whether a tenant's entries may be served, as read at one moment. */
export interface TenantRules {
  readonly record: TenantRecord | undefined;
  readonly policy: string | undefined;
  /** Unix milliseconds, taken before the read began. */
  readonly readAt: number;
}

/** A record may list 256 digests of 64 characters: some 20 KB. */
const TENANTS_REMEMBERED = 256;
const EPOCHS_REMEMBERED = 10_000;
/** Rules of this age are read anew while they still count, so that no request has to wait for them. */
const REFRESH_AFTER_MS = 3_000;
/** So long is a refresh taken to be under way; its request may have been ended. */
const REFRESH_AGAIN_MS = 1_000;

/**
 * Remembers each tenant's rules for at most 5 s, and the latest epoch ever seen of it: a reader that has seen a later
 * epoch treats an earlier one as missing, so that a lagging replica cannot undo a purge.
 */
export class TenantRulesMemory {
  readonly #rules = new BoundedMap<TenantRules>(TENANTS_REMEMBERED);
  readonly #refreshing = new BoundedMap<number>(TENANTS_REMEMBERED);
  readonly #latestEpoch = new BoundedMap<string>(EPOCHS_REMEMBERED);

  /** The rules as far as they may still be trusted; incomplete ones never are. */
  trusted(tenant: string, now: number): TenantRules | undefined {
    const rules = this.#rules.get(tenant);
    if (rules === undefined || !isTrusted(rules.readAt, now)) return undefined;
    return this.#outdated(tenant, rules.record) ? undefined : rules;
  }

  /**
   * Whether the tenant's rules should be read anew now, ahead of their end. Says so to one request at a time: others go on
   * with what is known.
   */
  claimRefresh({ readAt }: TenantRules, tenant: string, now: number): boolean {
    if (now - readAt < REFRESH_AFTER_MS) return false;
    const claimedAt = this.#refreshing.get(tenant);
    if (claimedAt !== undefined && Math.abs(now - claimedAt) < REFRESH_AGAIN_MS) return false;
    this.#refreshing.set(tenant, now);
    return true;
  }

  /** Takes note of rules just read, and answers them as they count: without the record if its epoch is outdated. */
  remember(tenant: string, rules: TenantRules): TenantRules {
    if (rules.record === undefined) return rules;
    if (this.#outdated(tenant, rules.record)) return { ...rules, record: undefined };
    this.#latestEpoch.set(tenant, rules.record.epoch);
    // Without a policy nothing can be served; asking again next time finds it as soon as a core has written it.
    if (rules.policy !== undefined) this.#rules.set(tenant, rules);
    return rules;
  }

  /** Takes note of an epoch that came with an answer of the core. */
  sawEpoch(tenant: string, epoch: string): void {
    const latest = this.#latestEpoch.get(tenant);
    if (latest === undefined || compareEpochs(epoch, latest) > 0) this.#latestEpoch.set(tenant, epoch);
  }

  #outdated(tenant: string, record: TenantRecord | undefined): boolean {
    const latest = this.#latestEpoch.get(tenant);
    return record !== undefined && latest !== undefined && compareEpochs(record.epoch, latest) < 0;
  }
}
