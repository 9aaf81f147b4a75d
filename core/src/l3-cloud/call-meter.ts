import { Inject, Injectable } from '@nestjs/common';
import type { RequestContext } from '../pipeline/request-context.ts';
import { Metrics, type MeasuredModelCall } from '../telemetry/metrics.port.ts';
import { RequestCosts } from '../usage/request-costs.ts';
import { UsageLedger } from '../usage/usage-ledger.port.ts';

/** Counts what calls to providers used and cost, when they are over: also those whose client has left by then. */
@Injectable()
export class CallMeter {
  constructor(
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(RequestCosts) private readonly costs: RequestCosts,
    @Inject(UsageLedger) private readonly ledger: UsageLedger,
  ) {}

  /** `context` is that of the request that pays: of a call that several share, the one that began it. */
  add(call: MeasuredModelCall, { principal }: RequestContext): void {
    this.metrics.modelCall(call);
    const { provider, model, usage } = call;
    if (usage === null) return;
    const usd = this.costs.ofCall(model, usage);
    if (usd > 0) this.metrics.spent({ layer: 'l3', provider, model, usd });
    const { tenant, keyName: key } = principal;
    this.ledger.add({ tenant, key, model, layer: 'l3', requests: 0, usage, spentUsd: usd, savedUsd: 0 });
  }
}
