import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isJsonObject, parseJson, type JsonObject } from '../../json/json-value.ts';
import { encodeSseEvent, type SseEvent } from '../../sse/sse-event.ts';
import { fakeUpstream, type FakeUpstream } from '../../testing/fake-upstream.ts';
import { plainResponses, readRecorded, responseStreams } from '../../testing/recorded-traffic.ts';
import { messageItem, responseBody } from '../../testing/response-answers.ts';
import { isReplayable } from '../streams.ts';
import { usageOf } from '../usage.ts';
import { aggregateResponse } from './aggregate-response.ts';
import { replayResponse } from './replay-response.ts';

/** Recordings whose end was shortened by hand, says what only a stream can say, or tells of a failure: never stored. */
const CONTRADICTING: readonly string[] = [
  'openai/responses/github-copilot-id-rotation.1.chunks.txt',
  'openai/responses/openai-error.1.chunks.txt',
  'openai/responses/parallel-tool-call-wrapper.1.chunks.txt',
  'openai/responses/programmatic-tool-calling.1.chunks.txt',
];

/** It has an event that this version of the client does not read. */
const BEYOND_THE_CLIENT = 'openai/responses/openai-apply-patch-tool.1.chunks.txt';

let upstream: FakeUpstream;
let client: OpenAI;
beforeAll(async () => {
  upstream = await fakeUpstream();
  client = new OpenAI({ baseURL: upstream.url, apiKey: 'sk-test', maxRetries: 0 });
});
afterAll(async () => {
  await upstream.close();
});

const request = { model: 'gpt-4o-mini', input: 'Hello' };

async function streamed(events: readonly SseEvent[]): Promise<unknown> {
  upstream.respondWith({ kind: 'stream', steps: [{ raw: events.map(encodeSseEvent).join('') }] });
  return asJson(await client.responses.stream(request).finalResponse());
}

async function plainly(body: JsonObject): Promise<unknown> {
  upstream.respondWith({ kind: 'json', body });
  return asJson(await client.responses.create(request));
}

/** As JSON, without what the client itself adds. */
function asJson(response: unknown): unknown {
  const own = ['output_parsed', 'parsed', 'parsed_arguments', 'output_text'];
  return JSON.parse(JSON.stringify(response, (name, value: unknown) => (own.includes(name) ? undefined : value)));
}

const call = {
  id: 'fc_1',
  type: 'function_call',
  status: 'completed',
  call_id: 'c',
  name: 'weather',
  arguments: '{"a":1}',
};
const output = (...items: JsonObject[]): JsonObject => responseBody('', { output: items });

describe('the official client', () => {
  test.each<[string, JsonObject]>([
    ['text', responseBody('Grüezi 🙂\n\nSecond paragraph.')],
    ['empty text', responseBody('')],
    ['nothing', output()],
    [
      'annotations',
      output(messageItem('cited', [{ type: 'url_citation', url: 'u', title: 't', start_index: 0, end_index: 1 }])),
    ],
    ['a refusal', output({ ...messageItem(''), content: [{ type: 'refusal', refusal: 'I cannot.' }] })],
    ['a tool call', output(call)],
    [
      'parallel tool calls after a text',
      output(messageItem('Let me see.'), call, { ...call, id: 'fc_2', call_id: 'd' }),
    ],
    [
      'a custom tool call',
      output({ id: 'ct', type: 'custom_tool_call', status: 'completed', call_id: 'c', name: 'sql', input: 'SELECT 1' }),
    ],
    [
      'reasoning with its summary and its seal',
      output(
        {
          id: 'rs',
          type: 'reasoning',
          summary: [{ type: 'summary_text', text: 'Hm.' }],
          encrypted_content: 'gAAAA',
        },
        messageItem('So.'),
      ),
    ],
    [
      'reasoning in full',
      output(
        { id: 'rs', type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'Hm.' }] },
        messageItem('So.'),
      ),
    ],
    ['what came later', output({ id: 'n', type: 'new_call', status: 'completed', x: [1] }, messageItem('So.'))],
  ])('makes one and the same of the replay and of the plain response: %s', async (_what, body) => {
    expect(await streamed(replayResponse(body))).toEqual(await plainly(body));
  });

  test('gets the replayed text, and raises the error that ends a broken stream', async () => {
    const events = replayResponse(responseBody('Hello there.'));
    upstream.respondWith({ kind: 'stream', steps: events.map((event) => ({ raw: encodeSseEvent(event) })) });
    let text = '';
    for await (const event of await client.responses.create({ ...request, stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect(text).toBe('Hello there.');
    const error = { event: 'error', data: '{"type":"error","error":{"message":"The stream broke."}}' };
    await expect(streamed([...events.slice(0, 4), error])).rejects.toThrow('The stream broke.');
  });
});

describe.skipIf(plainResponses.length === 0)('recorded traffic', () => {
  test('is there', () => {
    expect(plainResponses.length).toBeGreaterThan(30);
    expect(responseStreams.length).toBeGreaterThan(30);
  });

  test.each(plainResponses)('%s: the replay adds up to it, for the client too', async (file) => {
    const body = parseJson(readRecorded(file));
    if (!isJsonObject(body) || body['object'] !== 'response') return;
    expect(isReplayable('openai.responses', body)).toBe(true);
    expect(usageOf('openai.responses', body)).not.toBeNull();
    expect(await streamed(replayResponse(body))).toEqual(await plainly(body));
  });

  test.each(responseStreams)('$name: adds up to a response, for the client too', async ({ name, events }) => {
    const body = aggregateResponse(events);
    if (CONTRADICTING.includes(name)) {
      expect(body).toBeUndefined();
      return;
    }
    if (body === undefined) throw new TypeError('the stream adds up to nothing');
    expect(isReplayable('openai.responses', body)).toBe(true);
    expect(usageOf('openai.responses', body)).not.toBeNull();
    const replayed = await streamed(replayResponse(body));
    expect(replayed).toEqual(await plainly(body));
    if (name !== BEYOND_THE_CLIENT) expect(replayed).toEqual(await streamed(events));
  });
});
