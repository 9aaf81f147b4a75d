import type { LanguageModelV4Usage } from '@ai-sdk/provider';

/** What an answer cost in tokens; the details are parts of the totals. */
export interface TokenCounts {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly reasoning: number;
}

/** The counts of a provider that counts; undefined for one that does not. */
export function tokenCounts({ inputTokens, outputTokens }: LanguageModelV4Usage): TokenCounts | undefined {
  if (inputTokens.total === undefined && outputTokens.total === undefined) return undefined;
  return {
    input: inputTokens.total ?? 0,
    cachedInput: inputTokens.cacheRead ?? 0,
    output: outputTokens.total ?? 0,
    reasoning: outputTokens.reasoning ?? 0,
  };
}
