import { describe, expect, test } from 'vitest';
import { messageBody } from '../../testing/anthropic-answers.ts';
import type { JsonObject } from '../../json/json-value.ts';
import type { SseEvent } from '../../sse/sse-event.ts';
import { replayBody } from '../replay-body.ts';
import { aggregateStream, isReplayable } from '../streams.ts';
import { aggregateMessage } from './aggregate-message.ts';

const TOP = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-x' };

function events(...said: readonly JsonObject[]): SseEvent[] {
  return said.map((one) => ({ event: typeof one['type'] === 'string' ? one['type'] : '', data: JSON.stringify(one) }));
}

const START = {
  type: 'message_start',
  message: {
    ...TOP,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 1 },
  },
};
const END = {
  type: 'message_delta',
  delta: { stop_reason: 'end_turn', stop_sequence: null },
  usage: { output_tokens: 9 },
};
const STOP = { type: 'message_stop' };
const begin = (block: JsonObject, index = 0): JsonObject => ({
  type: 'content_block_start',
  index,
  content_block: block,
});
const piece = (delta: JsonObject, index = 0): JsonObject => ({ type: 'content_block_delta', index, delta });
const stop = (index = 0): JsonObject => ({ type: 'content_block_stop', index });
const TEXT = begin({ type: 'text', text: '' });

/** The blocks that deltas make of a start. */
function grown(block: JsonObject, ...deltas: readonly JsonObject[]): unknown {
  return aggregateMessage(events(START, begin(block), ...deltas.map((delta) => piece(delta)), stop(), END, STOP))?.[
    'content'
  ];
}

describe('a block grows', () => {
  test.each<[string, JsonObject, JsonObject[], JsonObject]>([
    [
      'text',
      { type: 'text', text: '' },
      [
        { type: 'text_delta', text: 'Grü' },
        { type: 'text_delta', text: 'ezi' },
      ],
      { type: 'text', text: 'Grüezi' },
    ],
    [
      'a citation',
      { type: 'text', text: '', citations: [] },
      [
        { type: 'citations_delta', citation: { cited_text: 'a' } },
        { type: 'text_delta', text: 'x' },
        { type: 'citations_delta', citation: { cited_text: 'b' } },
      ],
      { type: 'text', text: 'x', citations: [{ cited_text: 'a' }, { cited_text: 'b' }] },
    ],
    [
      'thinking, signed',
      { type: 'thinking', thinking: '', signature: '' },
      [
        { type: 'thinking_delta', thinking: 'Hm' },
        { type: 'thinking_delta', thinking: '.', estimated_tokens: 7 },
        { type: 'signature_delta', signature: 'EqQB' },
      ],
      { type: 'thinking', thinking: 'Hm.', signature: 'EqQB' },
    ],
    [
      'the input of a tool',
      { type: 'tool_use', id: 't', name: 'f', input: {} },
      [
        { type: 'input_json_delta', partial_json: '' },
        { type: 'input_json_delta', partial_json: '{"city": "Zür' },
        { type: 'input_json_delta', partial_json: 'ich"}' },
      ],
      { type: 'tool_use', id: 't', name: 'f', input: { city: 'Zürich' } },
    ],
    [
      'a tool without input',
      { type: 'tool_use', id: 't', name: 'f', input: {} },
      [{ type: 'input_json_delta', partial_json: '' }],
      { type: 'tool_use', id: 't', name: 'f', input: {} },
    ],
    [
      'a block of a kind that comes whole',
      { type: 'redacted_thinking', data: 'x' },
      [],
      { type: 'redacted_thinking', data: 'x' },
    ],
  ])('%s', (_what, block, deltas, expected) => {
    expect(grown(block, ...deltas)).toEqual([expected]);
  });

  test.each<[string, JsonObject[]]>([
    ['a delta of a new kind', [{ type: 'image_delta', text: 'x' }]],
    ['a delta with a new member', [{ type: 'text_delta', text: 'x', weight: 1 }]],
    ['a delta of no kind', [{ text: 'x' }]],
    ['a text that is none', [{ type: 'text_delta', text: 7 }]],
    ['a kind that every object has', [{ type: 'constructor', text: 'x' }]],
    ['input that is no JSON', [{ type: 'input_json_delta', partial_json: '{"a":' }]],
    [
      'an input with an integer that no reader keeps',
      [{ type: 'input_json_delta', partial_json: '{"id":12345678901234567890}' }],
    ],
  ])('not by %s: then there is no sum', (_what, deltas) => {
    expect(grown({ type: 'tool_use', id: 't', name: 'f', input: {}, text: '' }, ...deltas)).toBeUndefined();
  });
});

describe('a message', () => {
  test('takes its end and its final counts, and keeps the counts that the end does not repeat', () => {
    const end = { ...END, context_management: { applied_edits: [] }, usage: { output_tokens: 9, input_tokens: null } };
    expect(aggregateMessage(events(START, TEXT, stop(), end, STOP))).toEqual({
      ...TOP,
      content: [{ type: 'text', text: '' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      context_management: { applied_edits: [] },
      usage: { input_tokens: 3, output_tokens: 9 },
    });
  });

  test('is of the model that a fallback led to', () => {
    const fallback = begin({ type: 'fallback', from: { model: 'claude-x' }, to: { model: 'claude-y' } });
    expect(aggregateMessage(events(START, fallback, stop(), END, STOP))).toMatchObject({ model: 'claude-y' });
  });

  test('may begin with whole blocks, and go on behind them', () => {
    const call = { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } };
    const start = { ...START, message: { ...START.message, content: [call] } };
    const more = begin({ type: 'text', text: 'x' }, 1);
    expect(aggregateMessage(events(start, more, stop(1), END, STOP))?.['content']).toEqual([
      call,
      { type: 'text', text: 'x' },
    ]);
    expect(aggregateMessage(events(start, TEXT, stop(), END, STOP))).toBeUndefined();
  });

  test('whose stream has no names adds up too', () => {
    const unnamed = events(START, TEXT, stop(), END, STOP).map(({ data }) => ({ data }));
    expect(aggregateMessage(unnamed)).toMatchObject({ stop_reason: 'end_turn' });
  });

  test.each<[string, SseEvent[]]>([
    ['is cut', events(START, TEXT, stop(), END)],
    ['is empty', []],
    ['begins in the middle', events(TEXT, stop(), END, STOP)],
    ['begins twice', events(START, START, TEXT, stop(), END, STOP)],
    ['says an error', events(START, TEXT, { type: 'error', error: { type: 'overloaded_error', message: 'x' } })],
    ['goes on although it said an error', events(START, { type: 'error', error: {} }, END, STOP)],
    ['says what nobody knows', events(START, { type: 'message_hint' }, END, STOP)],
    ['says it under another name', [{ event: 'ping', data: JSON.stringify(START) }, ...events(END, STOP)]],
    ['is not JSON', [...events(START), { data: '{' }, ...events(END, STOP)]],
    ['leaves a block open', events(START, TEXT, END, STOP)],
    ['ends a block twice', events(START, TEXT, stop(), stop(), END, STOP)],
    [
      'goes on with a block that has ended',
      events(START, TEXT, stop(), piece({ type: 'text_delta', text: 'x' }), END, STOP),
    ],
    ['leaves a block out', events(START, begin({ type: 'text', text: '' }, 1), stop(1), END, STOP)],
    ['speaks of a block that is not there', events(START, piece({ type: 'text_delta', text: 'x' }), END, STOP)],
    ['ends without how', events(START, TEXT, stop(), { type: 'message_delta' }, STOP)],
  ])('whose stream %s adds up to nothing', (_what, stream) => {
    expect(aggregateMessage(stream)).toBeUndefined();
  });
});

describe('as operations', () => {
  test('a message streams, the count of its tokens does not', () => {
    const body = messageBody('Hello.');
    const replay = replayBody('anthropic.messages', body, { includeUsage: false });
    expect(replay.map(({ event }) => event)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(aggregateStream('anthropic.messages', replay)).toEqual(body);
    expect(aggregateStream('anthropic.count_tokens', replay)).toBeUndefined();
    expect(isReplayable('anthropic.count_tokens', { input_tokens: 7 })).toBe(true);
    expect(() => replayBody('anthropic.count_tokens', { input_tokens: 7 }, { includeUsage: true })).toThrow(RangeError);
  });

  test.each<[string, JsonObject, string | undefined]>([
    ['a content that is text', { ...messageBody('a'), content: 'a' }, undefined],
    ['a block that is no object', { ...messageBody('a'), content: ['a'] }, undefined],
    [
      'an integer that a replay would write with other digits',
      messageBody('a'),
      '{"content":[{"input":{"id":12345678901234567890}}]}',
    ],
  ])('a body with %s is not replayable', (_what, body, text) => {
    expect(isReplayable('anthropic.messages', body, text)).toBe(false);
  });

  test('long numbers inside texts are no numbers', () => {
    const body = messageBody('card 4111111111111111');
    expect(isReplayable('anthropic.messages', body, JSON.stringify(body))).toBe(true);
  });
});
