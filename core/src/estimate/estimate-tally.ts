import { costOf, pricedAs, type Usage } from '@isartor/shared';
import { MAX_PAIRS } from '../l1b-semantic-cache/shadow/shadow-ledger.port.ts';
import { scoreOf } from '../l1b-semantic-cache/shadow/shadow-tally.ts';
import type { LogRecord } from './log-record.ts';

/** A question, and the one whose answer it would have got. */
interface EstimatedPair {
  readonly asked: string;
  readonly answered: string;
  readonly cosine: number;
  /** That both have one answer; null where it was not weighed. */
  readonly probability: number | null;
}

/** What would have become of one request. */
export type Fate =
  | { readonly kind: 'l1a' }
  | { readonly kind: 'l1b'; readonly pair: EstimatedPair }
  /** Asked of a model; `why`: what keeps it out of the semantic cache. */
  | { readonly kind: 'model'; readonly why: string | undefined }
  | { readonly kind: 'uncacheable'; readonly why: string }
  | { readonly kind: 'refused' };

/** What would have become of one tenant's requests for one model. */
export interface EstimatedGroup {
  readonly tenant: string;
  readonly model: string;
  readonly requests: number;
  readonly l1a: number;
  readonly l1b: number;
  /** Asked of a model, those that no cache may answer among them. */
  readonly asked: number;
  readonly uncacheable: number;
  /** Requests that the gateway would refuse: no others count them. */
  readonly refused: number;
  /** Requests whose usage the log does not tell: their tokens and money are not in what follows. */
  readonly unmetered: number;
  readonly tokensNotSpent: { readonly input: number; readonly output: number };
  /** US dollars by list prices: an estimate. Null: the model has no price. */
  readonly usdNotSpent: number | null;
  readonly usdSpent: number | null;
}

/** What would have become of a log. */
export interface Estimate {
  readonly requests: number;
  readonly groups: readonly EstimatedGroup[];
  /** Why questions were not looked up, and how many. */
  readonly ineligible: Readonly<Record<string, number>>;
  readonly uncacheable: Readonly<Record<string, number>>;
  /** Those least sure first. */
  readonly riskiest: readonly (EstimatedPair & { readonly tenant: string; readonly model: string })[];
}

type Counted = { -readonly [Key in keyof EstimatedGroup]: EstimatedGroup[Key] };

/** Adds up what becomes of requests. */
export class EstimateTally {
  private readonly groups = new Map<string, Counted>();
  private readonly ineligible = new Map<string, number>();
  private readonly uncacheable = new Map<string, number>();
  private pairs: Estimate['riskiest'] = [];
  private requests = 0;
  private readonly asIf: string | undefined;

  constructor(asIf?: string) {
    this.asIf = asIf;
  }

  add({ tenant, request, answer }: LogRecord, fate: Fate): void {
    const model = request?.model ?? 'none named';
    const group = this.groupOf(tenant, model);
    this.requests += 1;
    group.requests += 1;
    switch (fate.kind) {
      case 'refused':
        group.refused += 1;
        return;
      case 'uncacheable':
        group.uncacheable += 1;
        addTo(this.uncacheable, fate.why);
        group.asked += 1;
        break;
      case 'model':
        group.asked += 1;
        if (fate.why !== undefined) addTo(this.ineligible, fate.why);
        break;
      case 'l1a':
        group.l1a += 1;
        break;
      case 'l1b':
        group.l1b += 1;
        this.keep({ tenant, model, ...fate.pair });
        break;
      default:
        return fate satisfies never;
    }
    this.price(group, fate.kind === 'l1a' || fate.kind === 'l1b', answer.usage);
  }

  sum(): Estimate {
    return {
      requests: this.requests,
      groups: [...this.groups.values()].toSorted((a, b) => b.requests - a.requests),
      ineligible: Object.fromEntries(this.ineligible),
      uncacheable: Object.fromEntries(this.uncacheable),
      riskiest: this.pairs,
    };
  }

  /** What the request cost as it was made: that is what a hit would have saved. */
  private price(group: Counted, isHit: boolean, usage: Usage | null): void {
    if (usage === null) {
      group.unmetered += 1;
      return;
    }
    const cost = costOf(pricedAs(group.model, this.asIf), usage);
    if (!isHit) {
      if (group.usdSpent !== null) group.usdSpent += cost;
      return;
    }
    const { input, output } = group.tokensNotSpent;
    group.tokensNotSpent = { input: input + usage.input, output: output + usage.output };
    if (group.usdNotSpent !== null) group.usdNotSpent += cost;
  }

  private keep(pair: Estimate['riskiest'][number]): void {
    const others = this.pairs.filter(({ asked, answered }) => asked !== pair.asked || answered !== pair.answered);
    this.pairs = [...others, pair].toSorted((a, b) => scoreOf(a) - scoreOf(b)).slice(0, MAX_PAIRS);
  }

  private groupOf(tenant: string, model: string): Counted {
    const name = `${tenant} ${model}`;
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const usd = pricedAs(model, this.asIf) === undefined ? null : 0;
    const counts = { requests: 0, l1a: 0, l1b: 0, asked: 0, uncacheable: 0, refused: 0, unmetered: 0 };
    const group = {
      tenant,
      model,
      ...counts,
      tokensNotSpent: { input: 0, output: 0 },
      usdNotSpent: usd,
      usdSpent: usd,
    };
    this.groups.set(name, group);
    return group;
  }
}

function addTo(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
