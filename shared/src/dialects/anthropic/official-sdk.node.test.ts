import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../json/json-value.ts';
import { encodeSseEvent, type SseEvent } from '../../sse/sse-event.ts';
import { messageBody } from '../../testing/anthropic-answers.ts';
import { fakeUpstream, type FakeUpstream } from '../../testing/fake-upstream.ts';
import { messageStreams } from '../../testing/recorded-traffic.ts';
import { aggregateMessage } from './aggregate-message.ts';
import { replayMessage } from './replay-message.ts';

let upstream: FakeUpstream;
let client: Anthropic;
beforeAll(async () => {
  upstream = await fakeUpstream();
  client = new Anthropic({ baseURL: upstream.origin, apiKey: 'sk-test', maxRetries: 0 });
});
afterAll(async () => {
  await upstream.close();
});

const request = { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] };

/** What the client makes of a stream; its beta surface knows all that a stream may say. */
async function streamed(events: readonly SseEvent[]): Promise<unknown> {
  upstream.respondWith({ kind: 'stream', steps: [{ raw: events.map(encodeSseEvent).join('') }] });
  return asJson(await client.beta.messages.stream(request).finalMessage());
}

async function plainly(body: JsonObject): Promise<unknown> {
  upstream.respondWith({ kind: 'json', body });
  return asJson(await client.beta.messages.create(request));
}

/** As JSON, without what the client itself adds. */
function asJson(message: unknown): unknown {
  return JSON.parse(JSON.stringify(message, (name, value: unknown) => (name === 'parsed_output' ? undefined : value)));
}

const call = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Zürich', days: [1, 2] } };
const content = (...blocks: JsonObject[]): JsonObject => messageBody('', { content: blocks });

describe('the official client', () => {
  test.each<[string, JsonObject]>([
    ['text', messageBody('Grüezi 🙂\n\nSecond paragraph.')],
    ['empty text', messageBody('')],
    ['nothing', content()],
    ['a tool call', content(call)],
    ['a tool call without arguments', content({ ...call, input: {} })],
    ['text and parallel tool calls', content({ type: 'text', text: 'Let me see.' }, call, { ...call, id: 'toolu_2' })],
    [
      'thinking with its signature',
      content({ type: 'thinking', thinking: 'Hm.', signature: 'EqQBCgIYAhIM' }, { type: 'text', text: 'So.' }),
    ],
    ['redacted thinking', content({ type: 'redacted_thinking', data: 'EmwKAhgB' }, { type: 'text', text: 'So.' })],
    [
      'citations',
      content({
        type: 'text',
        text: 'cited',
        citations: [
          { type: 'char_location', cited_text: 'c', document_index: 0, start_char_index: 0, end_char_index: 1 },
        ],
      }),
    ],
    ['no citations', content({ type: 'text', text: 'uncited', citations: null })],
    ['a stop sequence', messageBody('a', { stop_reason: 'stop_sequence', stop_sequence: 'END' })],
    [
      'what stood in its way',
      messageBody('', { stop_reason: 'refusal', stop_details: { type: 'refusal', category: 'x' } }),
    ],
    [
      'what the server did',
      content(
        { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'x' } },
        { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
      ),
    ],
    ['a compaction', content({ type: 'compaction', content: 'The story so far.' }, { type: 'text', text: 'a' })],
    [
      'usage in full',
      messageBody('a', {
        usage: {
          input_tokens: 1,
          cache_creation_input_tokens: 2,
          cache_read_input_tokens: 3,
          cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 0 },
          output_tokens: 4,
          output_tokens_details: { thinking_tokens: 1 },
          server_tool_use: { web_search_requests: 1 },
          iterations: [{ type: 'message', input_tokens: 1, output_tokens: 4 }],
          service_tier: 'standard',
        },
      }),
    ],
    [
      'what came later',
      messageBody('a', { container: { id: 'c' }, context_management: { applied_edits: [] }, x_new: { y: [1] } }),
    ],
  ])('makes one and the same of the replay and of the plain message: %s', async (_what, body) => {
    expect(await streamed(replayMessage(body))).toEqual(await plainly(body));
  });

  test('gets the replayed text as text', async () => {
    upstream.respondWith({
      kind: 'stream',
      steps: replayMessage(messageBody('Hello there.')).map((event) => ({ raw: encodeSseEvent(event) })),
    });
    let text = '';
    for await (const event of await client.messages.create({ ...request, stream: true })) {
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text;
    }
    expect(text).toBe('Hello there.');
  });

  test('raises the error that ends a broken stream', async () => {
    const events = replayMessage(messageBody('Hello')).slice(0, 3);
    const error = {
      event: 'error',
      data: '{"type":"error","error":{"type":"api_error","message":"The stream broke."}}',
    };
    await expect(streamed([...events, error])).rejects.toThrow('The stream broke.');
  });

  test.skipIf(messageStreams.length === 0).each(messageStreams)(
    'agrees on what a recorded stream adds up to: $name',
    async ({ events }) => {
      const body = aggregateMessage(events);
      if (body === undefined) return;
      const original = await streamed(events);
      expect(await streamed(replayMessage(body))).toEqual(original);
      // Where a stream leaves out how it stopped, the client leaves it out too.
      expect(withoutNulls(await plainly(body))).toEqual(withoutNulls(original));
    },
  );
});

function withoutNulls(message: unknown): unknown {
  return JSON.parse(JSON.stringify(message, (_name, value: unknown) => (value === null ? undefined : value)));
}
