import { describe, expect, test } from 'vitest';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import type { SseEvent } from '../../sse/sse-event.ts';
import { streamOfDeltas } from '../../testing/stream-of-deltas.ts';
import { aggregateStream } from './aggregate-stream.ts';

/** The message of the only choice. */
function message(events: readonly SseEvent[]): JsonValue | undefined {
  const choices = aggregateStream('openai.chat', events)?.['choices'];
  const choice = isJsonArray(choices) ? choices[0] : undefined;
  return isJsonObject(choice) ? choice['message'] : undefined;
}

describe('the message that deltas add up to', () => {
  test.each<[string, readonly JsonObject[], JsonObject]>([
    [
      'text is appended',
      [{ role: 'assistant', content: '' }, { content: 'He' }, { content: 'llo' }],
      { content: 'Hello' },
    ],
    [
      'a role that is repeated is one role',
      [
        { role: 'assistant', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
      { content: 'ab' },
    ],
    ['a role that is never said is the assistant', [{ content: 'a' }], { content: 'a' }],
    ['content that is never said is null', [{ role: 'assistant' }], { content: null }],
    ['content null stays null', [{ role: 'assistant', content: null }, { content: null }], { content: null }],
    ['empty content stays empty', [{ role: 'assistant', content: '' }], { content: '' }],
    ['null takes nothing away', [{ content: 'a' }, { content: null }, { content: 'b' }], { content: 'ab' }],
    [
      'a refusal is appended',
      [{ content: null, refusal: 'I ' }, { refusal: 'cannot.' }],
      { content: null, refusal: 'I cannot.' },
    ],
    [
      'reasoning_content (DeepSeek) and reasoning (Groq) are appended',
      [
        { reasoning_content: 'a', reasoning: 'x' },
        { reasoning_content: 'b', reasoning: null },
        { content: 'c', reasoning: 'y' },
      ],
      { reasoning_content: 'ab', reasoning: 'xy', content: 'c' },
    ],
    ['an unknown text is appended', [{ thought: 'a' }, { thought: 'b' }], { thought: 'ab', content: null }],
    ['an unknown number is the latest', [{ score: 1 }, { score: 2 }], { score: 2, content: null }],
    [
      'an unknown object is joined',
      [{ x: { a: 'p', n: { k: 1 } } }, { x: { a: 'q', n: { l: 2 } } }],
      { x: { a: 'pq', n: { k: 1, l: 2 } }, content: null },
    ],
    [
      'an unknown list without index is the latest',
      [{ x: [1] }, { x: [2, 3] }, { x: [] }],
      { x: [2, 3], content: null },
    ],
    [
      'an unknown list with index is joined by it (OpenRouter), and keeps it',
      [
        { reasoning_details: [{ index: 0, type: 'reasoning.text', text: 'a', format: 'v1' }] },
        { reasoning_details: [{ index: 0, type: 'reasoning.text', text: 'b', format: 'v1' }] },
        { reasoning_details: [{ index: 0, type: 'reasoning.encrypted', data: 'xyz' }] },
        { reasoning_details: [{ index: 1, type: 'reasoning.text', text: 'c' }] },
      ],
      {
        content: null,
        reasoning_details: [
          { index: 0, type: 'reasoning.text', text: 'ab', format: 'v1' },
          { index: 0, type: 'reasoning.encrypted', data: 'xyz' },
          { index: 1, type: 'reasoning.text', text: 'c' },
        ],
      },
    ],
    [
      'audio: data and transcript are appended, the rest is the latest',
      [
        { audio: { id: 'audio_1', transcript: 'He' } },
        { audio: { data: 'AA', transcript: 'llo' } },
        { audio: { data: 'BB' } },
        { audio: { expires_at: 5 } },
      ],
      { content: null, audio: { id: 'audio_1', data: 'AABB', transcript: 'Hello', expires_at: 5 } },
    ],
    [
      'a function call of the older kind',
      [{ content: null, function_call: { name: 'f', arguments: '' } }, { function_call: { arguments: '{}' } }],
      { content: null, function_call: { name: 'f', arguments: '{}' } },
    ],
    [
      'thoughts and text in parts (Mistral): pieces of one part are joined, two kinds are two parts',
      [
        { content: '' },
        { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'a' }] }] },
        { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'b' }] }] },
        { content: [{ type: 'text', text: 'c' }] },
        { content: 'd' },
        { content: '' },
        { content: [{ type: 'reference', reference_ids: [1] }] },
        { content: [{ type: 'reference', reference_ids: [2] }] },
      ],
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'ab' }] },
          { type: 'text', text: 'cd' },
          { type: 'reference', reference_ids: [1] },
          { type: 'reference', reference_ids: [2] },
        ],
      },
    ],
    [
      'text, then parts',
      [
        { content: 'a' },
        {
          content: [
            { type: 'text', text: 'b' },
            { type: 'text', text: 'c' },
          ],
        },
      ],
      {
        content: [
          { type: 'text', text: 'ab' },
          { type: 'text', text: 'c' },
        ],
      },
    ],
  ])('%s', (_rule, all, expected) => {
    expect(message(streamOfDeltas(...all))).toEqual({ role: 'assistant', ...expected });
  });

  test('names that objects inherit are names like any other', () => {
    const events = streamOfDeltas({ content: 'a', constructor: 'x', toString: 'y' }, { constructor: 'x' });
    const proto = '{"choices":[{"index":0,"delta":{"__proto__":{"polluted":"yes"}}}]}';
    const result = message([{ data: proto }, { data: proto }, ...events]);
    expect(Object.getOwnPropertyDescriptor(result, '__proto__')?.value).toEqual({ polluted: 'yesyes' });
    expect(result).toMatchObject({ constructor: 'xx', toString: 'y' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
