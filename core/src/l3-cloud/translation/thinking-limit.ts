import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import { isJsonObject, parseJson } from '@isartor/shared';
import { mergedOptions } from './neutral/call-settings.ts';
import type { ModelCall } from './surface.port.ts';

/** Anthropic's least budget. */
const LEAST_BUDGET = 1_024;
/** What is left for the answer itself at least, in tokens. */
const LEAST_ANSWER = 1_024;

/**
 * A call whose thoughts Anthropic takes, by the body that the library makes of it. There a budget of thoughts is part of
 * the limit on what is said, as it is for the other APIs' reasoning models; the library would add it. And a turn that
 * has called a tool must come back with its sealed thoughts, which clients of OpenAI's APIs do not return: then it is
 * answered without thinking.
 *
 * https://docs.claude.com/en/docs/build-with-claude/extended-thinking
 */
export function withThoughtsInLimits(call: ModelCall, body: string): ModelCall {
  const written = parseJson(body);
  const thinking = isJsonObject(written) ? written['thinking'] : undefined;
  // Models that decide by themselves how long they think have neither rule.
  if (thinking === undefined || !isJsonObject(thinking) || thinking['type'] !== 'enabled') return call;
  if (lacksThoughts(call.prompt)) return { ...call, reasoning: 'none' };
  const { maxOutputTokens: limit, reasoning: _, providerOptions, ...rest } = call;
  const asked = thinking['budget_tokens'];
  if (limit === undefined || typeof asked !== 'number') return call;
  const budgetTokens = Math.min(asked, limit - LEAST_ANSWER);
  if (budgetTokens < LEAST_BUDGET) return { ...call, reasoning: 'none' };
  return {
    ...rest,
    maxOutputTokens: limit - budgetTokens,
    ...mergedOptions(providerOptions, { anthropic: { thinking: { type: 'enabled', budgetTokens } } }),
  };
}

/** Whether results are handed in to a turn whose thoughts have not come back. */
function lacksThoughts(prompt: LanguageModelV4Prompt): boolean {
  if (prompt.at(-1)?.role !== 'tool') return false;
  const turn = prompt.findLast(({ role }) => role === 'assistant');
  if (turn?.role !== 'assistant') return false;
  return !turn.content.some((part) => part.type === 'reasoning' && part.providerOptions?.['anthropic'] !== undefined);
}
