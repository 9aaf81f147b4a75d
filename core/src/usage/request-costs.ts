import type { PriceList, Usage } from '@isartor/shared';
import type { Answer } from '../pipeline/answer.ts';
import type { Trail } from '../pipeline/request-context.ts';

/** What one request cost, by the price list: an estimate, in US dollars. */
export interface RequestCost {
  readonly usage: Usage;
  /** Paid to the provider. */
  readonly spentUsd: number;
  /** Not paid: the answer was there already, was shared with another request, or the small model gave it. */
  readonly savedUsd: number;
  /** False: the model has no price, and both are 0. */
  readonly isPriced: boolean;
}

/** Reckons what requests cost: the header, the log line, the metrics and the counters all have it from here. */
export class RequestCosts {
  /** @param replaced the cloud's model in whose place the small one answers */
  constructor(
    private readonly prices: PriceList,
    private readonly replaced: string,
  ) {}

  /**
   * Undefined where the usage is not known. `trail` tells that of the model that was asked last, which of a stream is
   * known at its end.
   */
  of(
    answer: Pick<Answer, 'layer' | 'model' | 'usage' | 'usageLater' | 'stored'>,
    trail: Trail,
  ): RequestCost | undefined {
    const { layer, model, stored } = answer;
    const usage = answer.usage ?? stored?.usage;
    switch (layer) {
      case 'l0':
        return undefined;
      case 'l1a':
      case 'l1b':
        return this.saved(stored?.model ?? model, usage);
      case 'l2':
        return this.saved(this.replaced, usage ?? trail.usage);
      case 'l3':
        // Whoever led the flight has paid.
        return trail.cache === 'coalesced'
          ? this.saved(model, usage ?? answer.usageLater?.usage)
          : this.spent(model, trail.usage ?? usage);
      default:
        return layer satisfies never;
    }
  }

  /** What a call to `model` cost; 0 where that is not known. */
  ofCall(model: string, usage: Usage | null): number {
    return this.prices.costOf(model, usage);
  }

  private spent(model: string | undefined, usage: Usage | null | undefined): RequestCost | undefined {
    if (usage === undefined || usage === null) return undefined;
    return { usage, spentUsd: this.prices.costOf(model, usage), savedUsd: 0, isPriced: this.isPriced(model) };
  }

  private saved(model: string | undefined, usage: Usage | null | undefined): RequestCost | undefined {
    if (usage === undefined || usage === null) return undefined;
    return { usage, spentUsd: 0, savedUsd: this.prices.costOf(model, usage), isPriced: this.isPriced(model) };
  }

  private isPriced(model: string | undefined): boolean {
    return model !== undefined && this.prices.priceOf(model) !== undefined;
  }
}
