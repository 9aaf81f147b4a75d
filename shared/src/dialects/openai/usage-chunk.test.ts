import { describe, expect, test } from 'vitest';
import { aggregateStream, saysUsage } from '../streams.ts';
import { usageOf } from '../usage.ts';
import { isUsageOnlyChunk } from './usage-chunk.ts';

const USAGE = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };

describe('the chunk that has nothing but usage', () => {
  test.each<[string, string, boolean]>([
    ['as OpenAI sends it', JSON.stringify({ id: 'x', choices: [], usage: USAGE }), true],
    ['with white space', JSON.stringify({ choices: [], usage: USAGE }, null, 2), true],
    ['usage before choices', JSON.stringify({ usage: USAGE, choices: [] }), true],
    ['a chunk with a choice', JSON.stringify({ choices: [{ index: 0, delta: {} }], usage: USAGE }), false],
    ['usage null (Azure asks its filters first)', JSON.stringify({ choices: [], usage: null }), false],
    ['no usage', JSON.stringify({ choices: [], prompt_filter_results: [] }), false],
    ['no choices at all', JSON.stringify({ usage: USAGE }), false],
    [
      'text that looks like it',
      JSON.stringify({ choices: [{ delta: { content: '"choices":[],"usage":{}' } }] }),
      false,
    ],
    ['an inner object that looks like it', JSON.stringify({ choices: [{ x: { choices: [], usage: USAGE } }] }), false],
    ['not JSON', '{"usage":{},"choices":[]', false],
    ['the end marker', '[DONE]', false],
    ['nothing', '', false],
  ])('%s', (_what, data, expected) => {
    expect(isUsageOnlyChunk(data)).toBe(expected);
  });
});

describe('whether a stream says what it cost', () => {
  test.each<[string, readonly string[], boolean]>([
    [
      'in a chunk of its own',
      ['{"choices":[{}],"usage":null}', JSON.stringify({ choices: [], usage: USAGE }), '[DONE]'],
      true,
    ],
    ['beside the last choice', [JSON.stringify({ choices: [{}], usage: USAGE }), '[DONE]'], true],
    ['never', ['{"choices":[{}],"usage":null}', '[DONE]'], false],
    ['only in a vendor member', [JSON.stringify({ choices: [{}], x_groq: { usage: USAGE } }), '[DONE]'], false],
  ])('%s', (_what, all, expected) => {
    const body = aggregateStream(
      'openai.completions',
      all.map((data) => ({ data })),
    );
    expect(body === undefined ? undefined : saysUsage(body)).toBe(expected);
  });
});

describe('usage of a plain body', () => {
  test('is what the provider counted, with details where it gives them', () => {
    expect(usageOf('openai.chat', { usage: USAGE })).toEqual({ input: 3, output: 4 });
    const details = { prompt_tokens_details: { cached_tokens: 1 }, completion_tokens_details: { reasoning_tokens: 2 } };
    expect(usageOf('openai.chat', { usage: { ...USAGE, ...details } })).toEqual({
      input: 3,
      output: 4,
      cachedInput: 1,
      reasoning: 2,
    });
    expect(usageOf('openai.chat', { usage: { ...USAGE, prompt_tokens_details: null } })).toEqual({
      input: 3,
      output: 4,
    });
  });

  test('embeddings have no output', () => {
    expect(usageOf('openai.embeddings', { usage: { prompt_tokens: 3, total_tokens: 3 } })).toEqual({
      input: 3,
      output: 0,
    });
  });

  test.each([
    {},
    { usage: null },
    { usage: [] },
    { usage: { prompt_tokens: 3 } },
    { usage: { prompt_tokens: '3', completion_tokens: 4 } },
    { usage: { prompt_tokens: -1, completion_tokens: 4 } },
  ])('%j has none', (body) => {
    expect(usageOf('openai.chat', body)).toBeNull();
  });
});
