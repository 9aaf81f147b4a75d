import { MAX_PAIRS, type ShadowFinding, type ShadowGroup, type ShadowPair } from './shadow-ledger.port.ts';

/** What is counted of a group. */
export const COUNTS = ['lookups', 'hits', 'unmetered', 'input', 'cachedInput', 'output'] as const;
export type Counts = Record<(typeof COUNTS)[number], number>;

/** A group that is being counted. */
type CountedGroup = Pick<ShadowGroup, 'tenant' | 'model'> & Counts;

/** Callers name models: beyond so many of one tenant, and so many in all, they are one. */
const MAX_MODELS = 64;
const MAX_GROUPS = 2_048;
const OTHER = 'other';
const MAX_NAME = 128;
/** Characters of a text that are kept. */
const MAX_TEXT = 500;

/** Figures and riskiest pairs of some findings. Adding up two of them gives what one of all findings would hold. */
export class ShadowTally {
  private readonly groups = new Map<string, CountedGroup>();
  private readonly modelsOf = new Map<string, number>();
  private pairs: readonly ShadowPair[] = [];

  private readonly keepsTexts: boolean;

  constructor(keepsTexts = false) {
    this.keepsTexts = keepsTexts;
  }

  get isEmpty(): boolean {
    return this.groups.size === 0;
  }

  add({ tenant, model, hit }: ShadowFinding): void {
    const counts = { lookups: 1, hits: 0, unmetered: 0, input: 0, cachedInput: 0, output: 0 };
    if (hit === undefined) {
      this.count(tenant, model, counts);
      return;
    }
    const { usage } = hit;
    const { input = 0, cachedInput = 0, output = 0 } = usage ?? {};
    this.count(tenant, model, { ...counts, hits: 1, unmetered: usage === null ? 1 : 0, input, cachedInput, output });
    const { texts, ...pair } = hit.pair;
    const named = { tenant, model: shortened(model), ...pair };
    this.keepRiskiest([this.keepsTexts ? { ...named, texts: cut(texts) } : named]);
  }

  count(tenant: string, model: string, counts: Counts): void {
    const group = this.groupOf(tenant, shortened(model));
    for (const name of COUNTS) group[name] += counts[name];
  }

  keepRiskiest(pairs: readonly ShadowPair[]): void {
    const byName = new Map([...this.pairs, ...pairs].map((pair) => [`${pair.asked} ${pair.answered}`, pair]));
    this.pairs = [...byName.values()].toSorted((a, b) => scoreOf(a) - scoreOf(b)).slice(0, MAX_PAIRS);
  }

  merge(other: ShadowTally): void {
    for (const { tenant, model, ...counts } of other.all()) this.count(tenant, model, counts);
    this.keepRiskiest(other.riskiest());
  }

  /** The groups with the most hits first. */
  all(): readonly ShadowGroup[] {
    return [...this.groups.values()].toSorted((a, b) => b.hits - a.hits || b.lookups - a.lookups);
  }

  /** The one nearest to not being served first. */
  riskiest(): readonly ShadowPair[] {
    return this.pairs;
  }

  private groupOf(tenant: string, model: string): CountedGroup {
    const known = this.groups.get(nameOf(tenant, model));
    if (known !== undefined) return known;
    const models = this.modelsOf.get(tenant) ?? 0;
    if (model !== OTHER && (models >= MAX_MODELS || this.groups.size >= MAX_GROUPS)) return this.groupOf(tenant, OTHER);
    const group = { tenant, model, lookups: 0, hits: 0, unmetered: 0, input: 0, cachedInput: 0, output: 0 };
    this.groups.set(nameOf(tenant, model), group);
    if (model !== OTHER) this.modelsOf.set(tenant, models + 1);
    return group;
  }
}

/** How sure it is that a pair has one answer: the lower, the riskier. */
export function scoreOf({ probability, cosine }: Pick<ShadowPair, 'probability' | 'cosine'>): number {
  return probability ?? cosine;
}

function nameOf(tenant: string, model: string): string {
  return `${tenant} ${model}`;
}

function shortened(model: string): string {
  return model.length > MAX_NAME ? OTHER : model;
}

function cut({ asked, answered }: { readonly asked: string; readonly answered: string }) {
  return { asked: asked.slice(0, MAX_TEXT), answered: answered.slice(0, MAX_TEXT) };
}
