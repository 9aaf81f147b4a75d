import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { canonicalJson } from '../../json/canonical-json.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../json/json-value.ts';
import { SSE_DONE, type SseEvent } from '../../sse/sse-event.ts';
import { extras, merged, optional, text, value } from '../../testing/generated-json.ts';
import { messageItem, responseBody } from '../../testing/response-answers.ts';
import { replayBody } from '../replay-body.ts';
import { aggregateStream, isReplayable } from '../streams.ts';
import { usageOf } from '../usage.ts';
import { aggregateResponse } from './aggregate-response.ts';
import { replayResponse } from './replay-response.ts';

const BODY = responseBody('Grüezi 🙂');
const EVENTS = replayResponse(BODY);

/** The stream with one event changed. */
function changed(type: string, members: JsonObject): SseEvent[] {
  return EVENTS.map((event) => {
    const said = parseJson(event.data);
    return event.event === type && isJsonObject(said)
      ? { ...event, data: JSON.stringify({ ...said, ...members }) }
      : event;
  });
}

describe('a stream of a response', () => {
  test('adds up to what its end says', () => {
    expect(EVENTS.map(({ event }) => event)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(aggregateStream('openai.responses', EVENTS)).toEqual(BODY);
    expect(replayBody('openai.responses', BODY, { includeUsage: false })).toEqual(EVENTS);
    expect(isReplayable('openai.responses', BODY)).toBe(true);
  });

  test('without names, and with the marker that some servers add, all the same', () => {
    const unnamed = EVENTS.map(({ data }) => ({ data }));
    expect(aggregateResponse([...unnamed, { data: SSE_DONE }])).toEqual(BODY);
  });

  test('of reasoning that was sealed anew at the end is that end', () => {
    const item = { id: 'rs', type: 'reasoning', summary: [], encrypted_content: 'one' };
    const body = responseBody('', { output: [item] });
    const resealed = responseBody('', { output: [{ ...item, encrypted_content: 'two' }] });
    const events = [...replayResponse(body).slice(0, -1), ...replayResponse(resealed).slice(-1)];
    expect(aggregateResponse(events)).toEqual(resealed);
  });

  test('numbers its events', () => {
    expect(EVENTS.map(({ data }) => parseJson(data))).toMatchObject(
      EVENTS.map((_, number) => ({ sequence_number: number })),
    );
  });

  test.each<[string, SseEvent[]]>([
    ['is cut', EVENTS.slice(0, -1)],
    ['is empty', []],
    ['ends by a failure', changed('response.completed', { type: 'response.failed' })],
    ['ends unfinished', [...EVENTS.slice(0, -1), { data: '{"type":"response.incomplete","response":{}}' }]],
    ['says an error', [...EVENTS.slice(0, 3), { event: 'error', data: '{"type":"error"}' }, ...EVENTS.slice(3)]],
    ['goes on behind its end', [...EVENTS, ...EVENTS.slice(3, 4)]],
    ['ends twice', [...EVENTS, ...EVENTS.slice(-1)]],
    [
      'tells a number that would be written with other digits',
      EVENTS.map((event) => {
        return { ...event, data: event.data.replace('"response":{', '"response":{"more":9007199254740993,') };
      }),
    ],
    ['is not JSON', [...EVENTS.slice(0, 3), { data: '{' }, ...EVENTS.slice(3)]],
    ['tells another item than its end', changed('response.output_item.done', { item: messageItem('Bye') })],
    ['leaves an item out', EVENTS.filter(({ event }) => event !== 'response.output_item.done')],
    ['tells an item twice', [...EVENTS.slice(0, -1), ...EVENTS.slice(-2)]],
    ['says more at its end than a plain answer can', changed('response.completed', { copilot_usage: {} })],
    ['is told under other names', EVENTS.map((event) => ({ ...event, event: 'message' }))],
  ])('that %s adds up to nothing', (_what, events) => {
    expect(aggregateResponse(events)).toBeUndefined();
  });

  test('says its usage', () => {
    expect(usageOf('openai.responses', BODY)).toEqual({ input: 9, output: 12, cachedInput: 0, reasoning: 0 });
    expect(usageOf('openai.responses', { ...BODY, usage: null })).toBeNull();
    expect(usageOf('openai.responses', { ...BODY, usage: { input_tokens: 1 } })).toBeNull();
  });

  test.each<[string, JsonObject]>([
    ['no output', { ...BODY, output: null }],
    ['an item that is no object', { ...BODY, output: ['a'] }],
  ])('cannot say a body with %s', (_what, body) => {
    expect(isReplayable('openai.responses', body)).toBe(false);
  });
});

const part = fc.oneof(
  merged(extras('type', 'text'), fc.record({ type: fc.constantFrom('output_text', 'reasoning_text'), text })),
  merged(extras('type', 'refusal'), fc.record({ type: fc.constant('refusal'), refusal: text })),
  merged(extras('type'), fc.record({ type: fc.constant('new') })),
);
const item = fc.oneof(
  merged(extras('content'), fc.record({ type: fc.constant('message'), content: fc.array(part, { maxLength: 3 }) })),
  merged(
    extras('summary', 'content'),
    optional('content', fc.option(fc.array(part, { maxLength: 2 }))),
    fc.record({ type: fc.constant('reasoning'), summary: fc.array(part, { maxLength: 2 }) }),
  ),
  merged(extras(), fc.record({ type: fc.constantFrom('function_call', 'custom_tool_call', 'new') })),
  merged(extras(), fc.record({ type: fc.constant('function_call'), arguments: text, name: text })),
);
const bodies = merged(
  extras('output', 'error'),
  optional('usage', value),
  fc.record({ output: fc.array(item, { maxLength: 4 }) }),
)
  // Through JSON once, as all bodies come: -0 is 0 there.
  .map((body) => parseJson(JSON.stringify(body)))
  .filter(isJsonObject);

test('the replay of whatever response adds up to it', () => {
  fc.assert(
    fc.property(bodies, (body) => {
      const sum = aggregateResponse(replayResponse(body));
      expect(sum === undefined ? undefined : canonicalJson(sum)).toBe(canonicalJson(body));
    }),
    { numRuns: inject('propertyRuns') },
  );
});
