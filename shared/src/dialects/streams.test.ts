import { describe, expect, test } from 'vitest';
import { OPERATIONS, OPERATION_SPECS } from '../operation.ts';
import { chatBody, completionBody, geminiBody, messageBody, responseBody } from '../testing/index.ts';
import { aggregateStream, isReplayable } from './streams.ts';

const BODIES = [
  ['openai.chat', chatBody('a')],
  ['openai.completions', completionBody('a')],
  ['openai.responses', responseBody('a')],
  ['anthropic.messages', messageBody('a')],
  ['gemini.generate', geminiBody('a')],
] as const;

describe('a whole number that is written with other digits once it was read', () => {
  test('is looked for in every operation that streams', () => {
    const streaming = OPERATIONS.filter((name) => OPERATION_SPECS[name].streams);
    expect(new Set(BODIES.map(([name]) => name))).toEqual(new Set(streaming));
  });

  test.each(BODIES)('keeps a plain answer of %s from being stored', (operation, body) => {
    expect(isReplayable(operation, body, JSON.stringify(body))).toBe(true);
    expect(isReplayable(operation, body, JSON.stringify(body).replace('{', '{"more":9007199254740993,'))).toBe(false);
  });

  test.each(['openai.chat', 'openai.completions'] as const)('keeps a stream of %s from being stored', (operation) => {
    const text = operation === 'openai.chat' ? '"delta":{"content":"a"}' : '"text":"a"';
    const streamed = (more: string) => [
      { data: `{"id":"c",${more}"choices":[{"index":0,${text},"finish_reason":"stop"}]}` },
      { data: '[DONE]' },
    ];
    expect(aggregateStream(operation, streamed('"more":9007199254740991,'))).toBeDefined();
    expect(aggregateStream(operation, streamed('"more":9007199254740993,'))).toBeUndefined();
  });

  test('does not matter in an answer that never streams', () => {
    expect(isReplayable('openai.embeddings', {}, '[9007199254740993]')).toBe(true);
  });
});
