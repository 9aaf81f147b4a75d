/** What a model costs by its provider's public price list, in US dollars per million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  /** Input that the provider read from its own prompt cache; absent: the same as `input`. */
  readonly cachedInput?: number;
  /** Input that it wrote there for 5 minutes; absent: the same as `input`. */
  readonly cacheWrite?: number;
  /** Input that it wrote there for an hour; absent: the same as `cacheWrite`. */
  readonly cacheWriteLong?: number;
}

/** When the table was put together. Prices are list prices, and what is reckoned from them are estimates. */
export const PRICES_AS_OF = '2025-09-01';

/** Estimates: list prices, without discounts, tiers or taxes. A dated version of a model has its family's row. */
export const PRICES: Readonly<Record<string, ModelPrice>> = {
  'gpt-5': { input: 1.25, output: 10, cachedInput: 0.125 },
  'gpt-5-mini': { input: 0.25, output: 2, cachedInput: 0.025 },
  'gpt-5-nano': { input: 0.05, output: 0.4, cachedInput: 0.005 },
  'gpt-4.1': { input: 2, output: 8, cachedInput: 0.5 },
  'gpt-4.1-mini': { input: 0.4, output: 1.6, cachedInput: 0.1 },
  'gpt-4.1-nano': { input: 0.1, output: 0.4, cachedInput: 0.025 },
  'gpt-4o': { input: 2.5, output: 10, cachedInput: 1.25 },
  'gpt-4o-2024-05-13': { input: 5, output: 15 },
  'gpt-4o-mini': { input: 0.15, output: 0.6, cachedInput: 0.075 },
  'gpt-4-1106': { input: 10, output: 30 },
  'gpt-4-0125': { input: 10, output: 30 },
  'gpt-4-turbo': { input: 10, output: 30 },
  'gpt-4': { input: 30, output: 60 },
  'gpt-3.5-turbo': { input: 0.5, output: 1.5 },
  'gpt-3.5-turbo-instruct': { input: 1.5, output: 2 },
  o1: { input: 15, output: 60, cachedInput: 7.5 },
  o3: { input: 2, output: 8, cachedInput: 0.5 },
  'o3-mini': { input: 1.1, output: 4.4, cachedInput: 0.55 },
  'o4-mini': { input: 1.1, output: 4.4, cachedInput: 0.275 },
  'text-embedding-3-small': { input: 0.02, output: 0 },
  'text-embedding-3-large': { input: 0.13, output: 0 },
  'text-embedding-ada-002': { input: 0.1, output: 0 },
  // By date where a later version costs something else: `claude-opus-4-9` is no `claude-opus-4`.
  'claude-opus-4-1': { input: 15, output: 75, cachedInput: 1.5, cacheWrite: 18.75, cacheWriteLong: 30 },
  'claude-opus-4-0': { input: 15, output: 75, cachedInput: 1.5, cacheWrite: 18.75, cacheWriteLong: 30 },
  'claude-opus-4-20250514': { input: 15, output: 75, cachedInput: 1.5, cacheWrite: 18.75, cacheWriteLong: 30 },
  'claude-sonnet-4-0': { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75, cacheWriteLong: 6 },
  'claude-sonnet-4-20250514': { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75, cacheWriteLong: 6 },
  'claude-3-7-sonnet': { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75, cacheWriteLong: 6 },
  'claude-3-5-haiku': { input: 0.8, output: 4, cachedInput: 0.08, cacheWrite: 1, cacheWriteLong: 1.6 },
  'claude-3-haiku': { input: 0.25, output: 1.25, cachedInput: 0.025, cacheWrite: 0.3125, cacheWriteLong: 0.5 },
  // Published after that day, as announced.
  'claude-opus-4-5': { input: 5, output: 25, cachedInput: 0.5, cacheWrite: 6.25, cacheWriteLong: 10 },
  'claude-sonnet-4-5': { input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75, cacheWriteLong: 6 },
  'claude-haiku-4-5': { input: 1, output: 5, cachedInput: 0.1, cacheWrite: 1.25, cacheWriteLong: 2 },
  'deepseek-chat': { input: 0.56, output: 1.68, cachedInput: 0.07 },
  'deepseek-reasoner': { input: 0.56, output: 1.68, cachedInput: 0.07 },
  'mistral-small': { input: 0.1, output: 0.3 },
  'mistral-medium': { input: 0.4, output: 2 },
  'mistral-large': { input: 2, output: 6 },
  'magistral-medium': { input: 2, output: 5 },
  'llama-3.1-8b-instant': { input: 0.05, output: 0.08 },
  'llama-3.3-70b-versatile': { input: 0.59, output: 0.79 },
  'grok-4': { input: 3, output: 15, cachedInput: 0.75 },
  'grok-3': { input: 3, output: 15, cachedInput: 0.75 },
  'grok-3-mini': { input: 0.3, output: 0.5, cachedInput: 0.075 },
  sonar: { input: 1, output: 1 },
  'sonar-pro': { input: 3, output: 15 },
  'kimi-k2': { input: 0.6, output: 2.5, cachedInput: 0.15 },
  /** The local stand-in model server. */
  'isartor-standin': { input: 0, output: 0 },
  'gemini-2.5-pro': { input: 1.25, output: 10, cachedInput: 0.31 },
  'gemini-2.5-flash': { input: 0.3, output: 2.5, cachedInput: 0.075 },
  'gemini-2.5-flash-lite': { input: 0.1, output: 0.4, cachedInput: 0.025 },
  'gemini-2.0-flash': { input: 0.1, output: 0.4, cachedInput: 0.025 },
};
