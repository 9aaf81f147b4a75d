import { describe, expect, test } from 'vitest';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import { SSE_DONE, type SseEvent } from '../../sse/sse-event.ts';
import { aggregateStream } from './aggregate-stream.ts';

const TOP = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini' };

function streamOf(...chunks: readonly JsonValue[]): SseEvent[] {
  return [...chunks.map((chunk) => ({ data: JSON.stringify(chunk) })), { data: SSE_DONE }];
}

/** The chunks of one choice: a delta each, then its end. */
function deltas(...all: readonly JsonObject[]): SseEvent[] {
  return streamOf(...all.map((delta) => ({ ...TOP, choices: [{ index: 0, delta, finish_reason: null }] })), {
    ...TOP,
    choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
  });
}

function choices(events: readonly SseEvent[]): readonly JsonValue[] {
  const all = aggregateStream('openai.chat', events)?.['choices'];
  return isJsonArray(all) ? all : [];
}

function message(events: readonly SseEvent[]): JsonValue | undefined {
  const [choice] = choices(events);
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
    expect(message(deltas(...all))).toEqual({ role: 'assistant', ...expected });
  });

  test('names that objects inherit are names like any other', () => {
    const events = deltas({ content: 'a', constructor: 'x', toString: 'y' }, { constructor: 'x' });
    const proto = '{"choices":[{"index":0,"delta":{"__proto__":{"polluted":"yes"}}}]}';
    const result = message([{ data: proto }, { data: proto }, ...events]);
    expect(Object.getOwnPropertyDescriptor(result, '__proto__')?.value).toEqual({ polluted: 'yesyes' });
    expect(result).toMatchObject({ constructor: 'xx', toString: 'y' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('tool calls', () => {
  const call = (id: string, name: string, args: string): JsonObject => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  });

  test.each<[string, readonly JsonValue[], readonly JsonValue[]]>([
    [
      'pieces are joined by index, which the plain form has not',
      [
        { index: 0, ...call('call_1', 'f', '') },
        { index: 0, function: { arguments: '{"a"' } },
        { index: 0, function: { arguments: ':1}' } },
      ],
      [call('call_1', 'f', '{"a":1}')],
    ],
    [
      'parallel calls may come interleaved',
      [
        { index: 0, ...call('call_1', 'f', '') },
        { index: 1, ...call('call_2', 'g', '') },
        { index: 0, function: { arguments: '{}' } },
        { index: 1, function: { arguments: '[]' } },
      ],
      [call('call_1', 'f', '{}'), call('call_2', 'g', '[]')],
    ],
    [
      'an index may begin at 1 (Anthropic behind a compatible server)',
      [{ index: 1, ...call('t', 'f', '{}') }],
      [call('t', 'f', '{}')],
    ],
    [
      'an empty name or id later takes nothing away',
      [
        { index: 0, ...call('call_1', 'f', '') },
        { index: 0, id: '', type: 'function', function: { name: '', arguments: '{}' } },
      ],
      [call('call_1', 'f', '{}')],
    ],
    [
      'id, type and name repeated in each piece are said once',
      [
        { index: 0, ...call('call_1', 'f', '{') },
        { index: 0, ...call('call_1', 'f', '}') },
      ],
      [call('call_1', 'f', '{}')],
    ],
    [
      'another id without a name is the same call (some servers make an id a chunk)',
      [
        { index: 0, ...call('random_1', 'f', '') },
        { index: 0, id: 'random_2', function: { arguments: '{}' } },
      ],
      [call('random_2', 'f', '{}')],
    ],
    [
      'another id and a name under the same index is another call (Gemini numbers all of them 0)',
      [
        { index: 0, ...call('call_1', 'f', '{}') },
        { index: 0, ...call('call_2', 'f', '{}') },
      ],
      [call('call_1', 'f', '{}'), call('call_2', 'f', '{}')],
    ],
    [
      'calls without index come whole (Mistral)',
      [
        { id: 'a', function: { name: 'f', arguments: '{}' } },
        { id: 'b', function: { name: 'f', arguments: '{}' } },
      ],
      [
        { id: 'a', function: { name: 'f', arguments: '{}' } },
        { id: 'b', function: { name: 'f', arguments: '{}' } },
      ],
    ],
    [
      'the input of a custom tool is appended',
      [
        { index: 0, id: 'c', type: 'custom', custom: { name: 'sql', input: '' } },
        { index: 0, custom: { input: 'SELECT ' } },
        { index: 0, custom: { input: '1' } },
      ],
      [{ id: 'c', type: 'custom', custom: { name: 'sql', input: 'SELECT 1' } }],
    ],
    [
      'what a vendor adds stays',
      [{ index: 0, ...call('c', 'f', '{}'), extra_content: { google: { thought_signature: 'x' } } }],
      [{ ...call('c', 'f', '{}'), extra_content: { google: { thought_signature: 'x' } } }],
    ],
  ])('%s', (_rule, pieces, expected) => {
    const events = deltas({ role: 'assistant', content: null }, ...pieces.map((piece) => ({ tool_calls: [piece] })));
    expect(message(events)).toEqual({ role: 'assistant', content: null, tool_calls: expected });
    const atOnce = deltas({ role: 'assistant', content: null, tool_calls: pieces });
    expect(message(atOnce)).toEqual({ role: 'assistant', content: null, tool_calls: expected });
  });
});

describe('choices and what stands around them', () => {
  test('several choices may come interleaved, and stand in their order', () => {
    const piece = (index: number, content: string, finish_reason: string | null): JsonObject => {
      return { index, delta: { content }, finish_reason };
    };
    const events = streamOf(
      { ...TOP, choices: [piece(1, 'x', null)] },
      { ...TOP, choices: [piece(0, 'a', null), piece(1, 'y', 'stop')] },
      { ...TOP, choices: [piece(0, 'b', 'stop')] },
    );
    expect(choices(events)).toEqual([
      { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'ab' } },
      { index: 1, finish_reason: 'stop', message: { role: 'assistant', content: 'xy' } },
    ]);
  });

  test('log probabilities are appended, list by list', () => {
    const events = streamOf(
      { ...TOP, choices: [{ index: 0, delta: { content: '' }, logprobs: null, finish_reason: null }] },
      {
        ...TOP,
        choices: [{ index: 0, delta: { content: 'a' }, logprobs: { content: [{ token: 'a' }], refusal: null } }],
      },
      {
        ...TOP,
        choices: [{ index: 0, delta: { content: 'b' }, logprobs: { content: [{ token: 'b' }], refusal: null } }],
      },
      { ...TOP, choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }] },
    );
    expect(choices(events)).toMatchObject([{ logprobs: { content: [{ token: 'a' }, { token: 'b' }], refusal: null } }]);
  });

  test('filter results that Azure spreads over chunks are joined, and token ids (vLLM) are appended', () => {
    const events = streamOf(
      { ...TOP, choices: [], prompt_filter_results: [{ prompt_index: 0 }], id: '', model: '', object: '', created: 0 },
      {
        ...TOP,
        choices: [
          { index: 0, delta: { content: 'a' }, content_filter_results: { hate: { filtered: false } }, token_ids: [1] },
        ],
      },
      { ...TOP, choices: [{ index: 0, delta: {}, content_filter_results: {}, token_ids: [2], finish_reason: 'stop' }] },
    );
    expect(aggregateStream('openai.chat', events)).toEqual({
      ...TOP,
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
      streamOf({ ...TOP, choices: [end], usage: null }, { ...TOP, choices: [], usage }),
      streamOf({ ...TOP, choices: [end], usage }),
      streamOf(
        { ...TOP, choices: [{ index: 0, delta: {} }], usage: { prompt_tokens: 1 } },
        { ...TOP, choices: [end], usage },
      ),
    ]) {
      expect(aggregateStream('openai.chat', events)).toMatchObject({ usage });
    }
    expect(aggregateStream('openai.chat', streamOf({ ...TOP, choices: [end], usage: null }))).not.toHaveProperty(
      'usage',
    );
  });

  test('of top-level members the latest that says something stands, and padding goes', () => {
    const events = streamOf(
      { ...TOP, choices: [], service_tier: null, citations: ['a'], x: 1, obfuscation: 'abc' },
      { ...TOP, choices: [], service_tier: 'default', citations: ['a', 'b'], x: null, obfuscation: 'd' },
    );
    expect(aggregateStream('openai.chat', events)).toEqual({
      ...TOP,
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
        { ...TOP, choices: [{ index: 0, delta: { content: 'ab' }, message: { role: 'assistant', content: 'ab' } }] },
        { ...TOP, choices: [{ index: 0, delta: { content: 'c' }, message: { content, x: 1 }, finish_reason: 'stop' }] },
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
  const good = deltas({ content: 'a' });

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
    const events = [{ data: JSON.stringify({ ...TOP, error: null, choices: [] }) }, ...good, { data: 'garbage' }];
    expect(aggregateStream('openai.chat', events)).toMatchObject({ error: null, choices: [{ finish_reason: 'stop' }] });
  });
});
