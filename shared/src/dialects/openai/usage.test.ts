import { describe, expect, it } from 'vitest';
import { usageOf } from '../usage.ts';

describe('the token counts of a chat answer', () => {
  it.each([
    [
      "OpenAI's reasoning, which is part of what it completed",
      { prompt_tokens: 17, completion_tokens: 649, total_tokens: 666 },
      { reasoning_tokens: 570 },
      { input: 17, output: 649, reasoning: 570 },
    ],
    [
      "xAI's, which it counts beside that",
      { prompt_tokens: 12, completion_tokens: 1, total_tokens: 303, prompt_tokens_details: { cached_tokens: 11 } },
      { reasoning_tokens: 290 },
      { input: 12, output: 291, cachedInput: 11, reasoning: 290 },
    ],
    [
      'no reasoning where nobody speaks of it',
      { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
      undefined,
      { input: 3, output: 4 },
    ],
  ])('are those of the provider: %s', (_what, counts, details, read) => {
    const usage = details === undefined ? counts : { ...counts, completion_tokens_details: details };
    expect(usageOf('openai.chat', { usage })).toEqual(read);
  });
});
