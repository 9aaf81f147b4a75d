import { Inject, Injectable } from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { SemanticMode } from '../l1b-semantic-cache/semantic-mode.ts';
import { ShadowLedger, type ShadowReport } from '../l1b-semantic-cache/shadow/shadow-ledger.port.ts';

/** What the administration answers to a report that is asked for. */
export interface ToldReport extends ShadowReport {
  readonly v: 1;
  /** As configured now; what was found before may have been found in another. */
  readonly mode: SemanticMode;
  readonly point: string;
  /** Whether texts of pairs are kept; then some of them may have some. */
  readonly log_pairs: boolean;
  /** `memory`: of the one process that was asked. */
  readonly of: 'redis' | 'memory';
}

/** What the semantic cache would have served, for whoever decides whether it is to serve. */
@Injectable()
export class ShadowReports {
  constructor(
    @Inject(ShadowLedger) private readonly ledger: ShadowLedger,
    @Inject(SemanticMode) private readonly mode: SemanticMode,
    @Inject(ConfigToken) private readonly config: Config,
  ) {}

  /** Of all tenants, or of one. Throws GatewayError (503) when the store does not answer. */
  async read(tenant: string | undefined): Promise<ToldReport> {
    const { groups, riskiest, ...days } = await this.ledger.report();
    const { point, logPairs: log_pairs } = this.config.semanticCache;
    const isWanted = (one: { readonly tenant: string }): boolean => tenant === undefined || one.tenant === tenant;
    return {
      v: 1,
      mode: this.mode,
      point,
      log_pairs,
      of: this.config.cache.backend,
      ...days,
      groups: groups.filter(isWanted),
      riskiest: riskiest.filter(isWanted),
    };
  }
}
