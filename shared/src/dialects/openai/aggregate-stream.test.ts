import { describe, expect, test } from 'vitest';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import { SSE_DONE, type SseEvent } from '../../sse/sse-event.ts';
import { CHUNK_TOP, streamOf, streamOfDeltas } from '../../testing/stream-of-deltas.ts';
import { aggregateStream } from './aggregate-stream.ts';

function choices(events: readonly SseEvent[]): readonly JsonValue[] {
  const all = aggregateStream('openai.chat', events)?.['choices'];
  return isJsonArray(all) ? all : [];
}

function message(events: readonly SseEvent[]): JsonValue | undefined {
  const [choice] = choices(events);
  return isJsonObject(choice) ? choice['message'] : undefined;
}

describe('choices and what stands around them', () => {
  test('several choices may come interleaved, and stand in their order', () => {
    const piece = (index: number, content: string, finish_reason: string | null): JsonObject => {
      return { index, delta: { content }, finish_reason };
    };
    const events = streamOf(
      { ...CHUNK_TOP, choices: [piece(1, 'x', null)] },
      { ...CHUNK_TOP, choices: [piece(0, 'a', null), piece(1, 'y', 'stop')] },
      { ...CHUNK_TOP, choices: [piece(0, 'b', 'stop')] },
    );
    expect(choices(events)).toEqual([
      { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'ab' } },
      { index: 1, finish_reason: 'stop', message: { role: 'assistant', content: 'xy' } },
    ]);
  });

  test('log probabilities are appended, list by list', () => {
    const events = streamOf(
      { ...CHUNK_TOP, choices: [{ index: 0, delta: { content: '' }, logprobs: null, finish_reason: null }] },
      {
        ...CHUNK_TOP,
        choices: [{ index: 0, delta: { content: 'a' }, logprobs: { content: [{ token: 'a' }], refusal: null } }],
      },
      {
        ...CHUNK_TOP,
        choices: [{ index: 0, delta: { content: 'b' }, logprobs: { content: [{ token: 'b' }], refusal: null } }],
      },
      { ...CHUNK_TOP, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }] },
    );
    expect(choices(events)).toMatchObject([{ logprobs: { content: [{ token: 'a' }, { token: 'b' }], refusal: null } }]);
  });

  test('filter results that Azure spreads over chunks are joined, and token ids (vLLM) are appended', () => {
    const events = streamOf(
      {
        ...CHUNK_TOP,
        choices: [],
        prompt_filter_results: [{ prompt_index: 0 }],
        id: '',
        model: '',
        object: '',
        created: 0,
      },
      {
        ...CHUNK_TOP,
        choices: [
          { index: 0, delta: { content: 'a' }, content_filter_results: { hate: { filtered: false } }, token_ids: [1] },
        ],
      },
      {
        ...CHUNK_TOP,
        choices: [{ index: 0, delta: {}, content_filter_results: {}, token_ids: [2], finish_reason: 'stop' }],
      },
    );
    expect(aggregateStream('openai.chat', events)).toEqual({
      ...CHUNK_TOP,
      object: 'chat.completion',
      prompt_filter_results: [{ prompt_index: 0 }],
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'a' },
          content_filter_results: { hate: { filtered: false } },
          token_ids: [1, 2],
          finish_reason: 'stop',
        },
      ],
    });
  });

  test('usage may have a chunk of its own, stand beside the last choice, or be counted in each', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const end = { index: 0, delta: {}, finish_reason: 'stop' };
    for (const events of [
      streamOf({ ...CHUNK_TOP, choices: [end], usage: null }, { ...CHUNK_TOP, choices: [], usage }),
      streamOf({ ...CHUNK_TOP, choices: [end], usage }),
      streamOf(
        { ...CHUNK_TOP, choices: [{ index: 0, delta: {} }], usage: { prompt_tokens: 1 } },
        { ...CHUNK_TOP, choices: [end], usage },
      ),
    ]) {
      expect(aggregateStream('openai.chat', events)).toMatchObject({ usage });
    }
    expect(aggregateStream('openai.chat', streamOf({ ...CHUNK_TOP, choices: [end], usage: null }))).not.toHaveProperty(
      'usage',
    );
  });

  test('of top-level members the latest that says something stands, and padding goes', () => {
    const events = streamOf(
      { ...CHUNK_TOP, choices: [], service_tier: null, citations: ['a'], x: 1, obfuscation: 'abc' },
      { ...CHUNK_TOP, choices: [], service_tier: 'default', citations: ['a', 'b'], x: null, obfuscation: 'd' },
    );
    expect(aggregateStream('openai.chat', events)).toEqual({
      ...CHUNK_TOP,
      object: 'chat.completion',
      service_tier: 'default',
      citations: ['a', 'b'],
      x: 1,
      choices: [],
    });
  });

  test('a whole message beside the end is taken when it agrees with the deltas', () => {
    const events = (content: string): SseEvent[] =>
      streamOf(
        {
          ...CHUNK_TOP,
          choices: [{ index: 0, delta: { content: 'ab' }, message: { role: 'assistant', content: 'ab' } }],
        },
        {
          ...CHUNK_TOP,
          choices: [{ index: 0, delta: { content: 'c' }, message: { content, x: 1 }, finish_reason: 'stop' }],
        },
      );
    expect(message(events('abc'))).toEqual({ content: 'abc', x: 1 });
    expect(aggregateStream('openai.chat', events('other'))).toBeUndefined();
  });

  test('completions have their text in the choice', () => {
    const top = { id: 'cmpl-1', object: 'text_completion', created: 1, model: 'm' };
    const logprobs = (token: string): JsonObject => ({ tokens: [token], token_logprobs: [-1], top_logprobs: null });
    const events = streamOf(
      { ...top, choices: [{ index: 0, text: 'He', logprobs: logprobs('He'), finish_reason: null }] },
      { ...top, choices: [{ index: 0, text: 'llo', logprobs: logprobs('llo'), finish_reason: null }] },
      { ...top, choices: [{ index: 0, text: '', logprobs: null, finish_reason: 'stop' }] },
    );
    expect(aggregateStream('openai.completions', events)).toEqual({
      ...top,
      choices: [
        {
          index: 0,
          text: 'Hello',
          logprobs: { tokens: ['He', 'llo'], token_logprobs: [-1, -1], top_logprobs: null },
          finish_reason: 'stop',
        },
      ],
    });
  });
});

describe('a stream that adds up to nothing', () => {
  const good = streamOfDeltas({ content: 'a' });

  test.each<[string, readonly SseEvent[]]>([
    ['no end marker', good.slice(0, -1)],
    ['no event at all', []],
    ['the end marker alone', [{ data: SSE_DONE }]],
    ['a chunk that is cut', [{ data: '{"choices":[' }, ...good]],
    ['a chunk that is no object', [{ data: '[]' }, ...good]],
    ['a chunk that is null', [{ data: 'null' }, ...good]],
    ['an error', [...good.slice(0, 1), { data: '{"error":{"message":"overloaded"}}' }, ...good.slice(1)]],
    ['an error as text', [{ data: '{"error":"overloaded"}' }, ...good]],
    ['an event of type error', [{ event: 'error', data: '{"message":"overloaded"}' }, ...good]],
    ['an event of an unknown type', [{ event: 'response.created', data: '{}' }, ...good]],
  ])('%s', (_what, events) => {
    expect(aggregateStream('openai.chat', events)).toBeUndefined();
  });

  test.each(['openai.embeddings', 'native.chat'] as const)('%s does not stream', (operation) => {
    expect(aggregateStream(operation, good)).toBeUndefined();
  });

  test('error: null is no error, and what follows the end marker is not read', () => {
    const events = [{ data: JSON.stringify({ ...CHUNK_TOP, error: null, choices: [] }) }, ...good, { data: 'garbage' }];
    expect(aggregateStream('openai.chat', events)).toMatchObject({ error: null, choices: [{ finish_reason: 'stop' }] });
  });
});
