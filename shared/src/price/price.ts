import { PRICES, type ModelPrice } from './prices.ts';
import type { Usage } from './usage.ts';

export { PRICES, PRICES_AS_OF, type ModelPrice } from './prices.ts';

/** What may follow a family's name in the name of one of its versions. */
const VERSION = /^[-@:.](?:\d|latest|preview|beta|exp|chat)/;

/** What Bedrock puts before a model's name: from where it may be answered, and its maker. */
const MAKER = /^(?:[a-z]{2,6}(?:-gov)?\.)?(?:anthropic|openai|mistral|deepseek)\./;

/** Models that are looked up: few answer most requests. */
const MAX_KNOWN = 256;

/** What models cost: the list prices, or an operator's own in their place. */
export class PriceList {
  private readonly rows: Readonly<Record<string, ModelPrice>>;
  private readonly known = new Map<string, ModelPrice | undefined>();

  /** `own` prices, by the names of models in lower case, come before the list's and beside it. */
  constructor(own: Readonly<Record<string, ModelPrice>> = {}) {
    this.rows = { ...PRICES, ...own };
  }

  /**
   * A model's price: of its own row, else of the longest name in the table that it is a version of
   * (`gpt-4o-mini-2024-07-18` is a `gpt-4o-mini`, `gpt-4o-audio-preview` is no `gpt-4o`). A provider prefix
   * (`openai/gpt-4o`, Bedrock's `eu.anthropic.`) without a row is passed over. Undefined for an unknown model.
   */
  priceOf(model: string): ModelPrice | undefined {
    if (this.known.has(model)) return this.known.get(model);
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    const price = this.find(model.toLowerCase());
    this.known.set(model, price);
    return price;
  }

  /** What an answer cost, in US dollars: an estimate. 0 for a model without a price, such as the stand-in. */
  costOf(model: string | undefined, usage: Usage | null | undefined): number {
    const price = model === undefined ? undefined : this.priceOf(model);
    if (price === undefined || usage === null || usage === undefined) return 0;
    const { input, output, cachedInput = 0, cacheWrite = 0, cacheWriteLong = 0 } = usage;
    const fresh = Math.max(0, input - cachedInput - cacheWrite - cacheWriteLong);
    const spent =
      fresh * price.input +
      Math.min(cachedInput, input) * (price.cachedInput ?? price.input) +
      cacheWrite * (price.cacheWrite ?? price.input) +
      cacheWriteLong * (price.cacheWriteLong ?? price.cacheWrite ?? price.input) +
      output * price.output;
    return spent / 1_000_000;
  }

  private find(model: string): ModelPrice | undefined {
    if (Object.hasOwn(this.rows, model)) return this.rows[model];
    const name = model.slice(model.lastIndexOf('/') + 1).replace(MAKER, '');
    const family = Object.keys(this.rows)
      .filter((row) => name === row || (name.startsWith(row) && VERSION.test(name.slice(row.length))))
      .reduce((longest, row) => (row.length > longest.length ? row : longest), '');
    return this.rows[family];
  }
}

const LIST = new PriceList();

/** A model's list price: see `PriceList.priceOf`. */
export function priceOf(model: string): ModelPrice | undefined {
  return LIST.priceOf(model);
}

/**
 * The model whose price counts for `model`: itself, or `asIf` where it has none or costs nothing, as a local model or
 * the stand-in; undefined: neither has one.
 */
export function pricedAs(model: string, asIf: string | undefined): string | undefined {
  const price = priceOf(model);
  if (price === undefined) return asIf;
  return price.input === 0 && price.output === 0 ? (asIf ?? model) : model;
}

/** What an answer cost by the list prices: see `PriceList.costOf`. */
export function costOf(model: string | undefined, usage: Usage | null | undefined): number {
  return LIST.costOf(model, usage);
}

/** US dollars as a plain decimal of at most nine places: `0.000123`, `0`. */
export function formatCost(usd: number): string {
  const text = usd.toFixed(9).replace(/\.?0+$/, '');
  return text === '' || text === '-0' ? '0' : text;
}

/** US dollars in whole billionths, which is what `formatCost` writes: sums of them are exact. */
export function nanoUsd(usd: number): number {
  return Math.round(usd * 1e9);
}
