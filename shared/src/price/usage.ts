/** Tokens of one answer, as the provider counted them. */
export interface Usage {
  /** All that was read, cached or not. */
  readonly input: number;
  /** 0 for embeddings. */
  readonly output: number;
  /** Part of `input` that the provider read from its own prompt cache. */
  readonly cachedInput?: number;
  /** Part of `input` that the provider wrote into its own prompt cache, at a price of its own (Anthropic, for 5 minutes). */
  readonly cacheWrite?: number;
  /** The same, to be kept for an hour. */
  readonly cacheWriteLong?: number;
  /** Part of `output` that was reasoning. */
  readonly reasoning?: number;
}
