import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../json/json-value.ts';
import { encodeSseEvent, SSE_DONE, type SseEvent } from '../../sse/sse-event.ts';
import { chatBody, completionBody } from '../../testing/answers.ts';
import { fakeUpstream, type FakeUpstream } from '../../testing/fake-upstream.ts';
import { aggregateStream } from './aggregate-stream.ts';
import { replayBody } from './replay-body.ts';

const FOLDER = fileURLToPath(new URL('../../../../../shared/transcripts/', import.meta.url));
const recorded = existsSync(FOLDER)
  ? globSync('{openai/chat,groq,deepseek/chat,xai,openai-compatible/chat,perplexity,moonshotai}/*.chunks.txt', {
      cwd: FOLDER,
    })
  : [];

let upstream: FakeUpstream;
let client: OpenAI;
beforeAll(async () => {
  upstream = await fakeUpstream();
  client = new OpenAI({ baseURL: upstream.url, apiKey: 'sk-test', maxRetries: 0 });
});
afterAll(async () => {
  await upstream.close();
});

const request = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Hello' }] };

async function streamed(events: readonly SseEvent[]): Promise<unknown> {
  upstream.respondWith({ kind: 'stream', steps: [{ raw: events.map(encodeSseEvent).join('') }] });
  const options = { stream_options: { include_usage: true } };
  return client.chat.completions.stream({ ...request, ...options }).finalChatCompletion();
}

async function plainly(body: JsonObject): Promise<unknown> {
  upstream.respondWith({ kind: 'json', body });
  return client.chat.completions.create(request);
}

/** A body in the shape that OpenAI documents: every required member is there. */
function ordinary(message: JsonObject, choice: JsonObject = {}, top: JsonObject = {}): JsonObject {
  const whole = { role: 'assistant', content: null, refusal: null, ...message };
  return chatBody('', {
    choices: [{ index: 0, message: whole, logprobs: null, finish_reason: 'stop', ...choice }],
    ...top,
  });
}

const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Zürich"}' } };
const custom = { id: 'call_2', type: 'custom', custom: { name: 'sql', input: 'SELECT 1' } };

describe('the official client', () => {
  test.each<[string, JsonObject]>([
    ['text', ordinary({ content: 'Grüezi 🙂\n\nSecond paragraph.' })],
    ['empty text', ordinary({ content: '' })],
    [
      'annotations',
      ordinary({ content: 'a', annotations: [{ type: 'url_citation', url_citation: { url: 'u', title: 't' } }] }),
    ],
    ['a refusal', ordinary({ refusal: 'I cannot.' })],
    ['a tool call', ordinary({ tool_calls: [call] }, { finish_reason: 'tool_calls' })],
    [
      'parallel tool calls',
      ordinary(
        { content: 'Let me see.', tool_calls: [call, custom, { ...call, id: 'call_3' }] },
        { finish_reason: 'tool_calls' },
      ),
    ],
    [
      'a function call',
      ordinary({ function_call: { name: 'f', arguments: '{}' } }, { finish_reason: 'function_call' }),
    ],
    ['audio', ordinary({ audio: { id: 'a', data: 'AAAA', transcript: 'Hello', expires_at: 1 } })],
    [
      'reasoning of vendors',
      ordinary({
        content: 'a',
        reasoning_content: 'b',
        reasoning: 'c',
        reasoning_details: [{ index: 0, type: 'reasoning.text', text: 'c' }],
      }),
    ],
    [
      'log probabilities',
      ordinary(
        { content: 'ab' },
        {
          logprobs: {
            content: [
              { token: 'a', logprob: -1, bytes: [97], top_logprobs: [] },
              { token: 'b', logprob: -2, bytes: [98], top_logprobs: [] },
            ],
            refusal: null,
          },
        },
      ),
    ],
    [
      'several choices',
      chatBody('', {
        choices: [0, 1, 2].map((index) => ({
          index,
          message: { role: 'assistant', content: `Answer ${index}`, refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        })),
      }),
    ],
    [
      'what vendors add',
      ordinary(
        { content: 'a', x_message: { y: [1] } },
        { native_finish_reason: 'STOP' },
        { x_groq: { id: 'r' }, citations: ['u'] },
      ),
    ],
    [
      'a tool call with an index of its own',
      ordinary({ content: '', tool_calls: [{ ...call, index: 0 }] }, { finish_reason: 'tool_calls' }),
    ],
    [
      'usage with details',
      ordinary(
        { content: 'a' },
        {},
        {
          usage: {
            prompt_tokens: 1,
            completion_tokens: 2,
            total_tokens: 3,
            prompt_tokens_details: { cached_tokens: 1, audio_tokens: 0 },
            completion_tokens_details: { reasoning_tokens: 1 },
          },
        },
      ),
    ],
  ])('makes one and the same of the replay and of the plain answer: %s', async (_what, body) => {
    const stream = await streamed(replayBody('openai.chat', body, { includeUsage: true }));
    expect(without(stream, ['parsed'])).toEqual(without(await plainly(body), []));
  });

  test('gets the replayed text as content, chunk by chunk', async () => {
    const events = replayBody('openai.chat', chatBody('Hello there.'), { includeUsage: false });
    upstream.respondWith({ kind: 'stream', steps: events.map(({ data }) => data) });
    let text = '';
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true })) {
      expect(chunk.object).toBe('chat.completion.chunk');
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe('Hello there.');
  });

  test('reads a replay of the older completions', async () => {
    const events = replayBody('openai.completions', completionBody('Once upon a time.'), { includeUsage: true });
    upstream.respondWith({ kind: 'stream', steps: events.map(({ data }) => data) });
    let text = '';
    let tokens = 0;
    for await (const chunk of await client.completions.create({ model: 'm', prompt: 'p', stream: true })) {
      text += chunk.choices[0]?.text ?? '';
      tokens += chunk.usage?.completion_tokens ?? 0;
    }
    expect([text, tokens]).toEqual(['Once upon a time.', 7]);
  });

  test('raises the error that ends a broken stream', async () => {
    const events = replayBody('openai.chat', chatBody('Hello'), { includeUsage: false }).slice(0, 2);
    await expect(streamed([...events, { data: '{"error":{"message":"The stream broke."}}' }])).rejects.toThrow(
      'The stream broke.',
    );
  });

  // What the client itself makes of a vendor's reasoning is its last piece alone, so that is left out of the comparison.
  test.skipIf(recorded.length === 0).each(recorded)('agrees on what a recorded stream adds up to: %s', async (file) => {
    const lines = readFileSync(`${FOLDER}${file}`, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const events = [...lines.map((data) => ({ data })), { data: SSE_DONE }];
    const body = aggregateStream('openai.chat', events);
    if (body === undefined) throw new TypeError('the stream adds up to nothing');
    const answers = [await streamed(events), await plainly(body)].map((answer) => comparable(answer));
    expect(answers[0]).toEqual(answers[1]);
  });
});

/** The answer as JSON, without members of these names: `parsed` is the client's own. */
function without(answer: unknown, names: readonly string[]): unknown {
  return JSON.parse(JSON.stringify(answer, (name, value: unknown) => (names.includes(name) ? undefined : value)));
}

/** What the client joins as we do; what is null in one form and absent in the other is left out. */
function comparable(answer: unknown): unknown {
  const ours = ['reasoning', 'reasoning_content', 'content_filter_results', 'prompt_filter_results', 'object'];
  const rest = without(answer, ours);
  return JSON.parse(JSON.stringify(rest, (_name, value: unknown) => (value === null ? undefined : value)));
}
