import { HEADER, type JsonObject } from '@isartor/shared';
import {
  chatBody,
  chatStream,
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

let upstream: FakeUpstream;
let core: RunningCore;
let openai: OpenAI;

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
  core = await startCore(upstream.url);
  openai = new OpenAI({ baseURL: `${core.origin}/v1`, apiKey: TEST_KEY, maxRetries: 0 });
});

afterEach(async () => {
  await core.stop();
  await upstream.close();
});

const ASK = {
  model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'hello' }],
} satisfies OpenAI.ChatCompletionCreateParams;

const TOOL_CALL: JsonObject = {
  index: 0,
  finish_reason: 'tool_calls',
  logprobs: null,
  message: {
    role: 'assistant',
    content: null,
    refusal: null,
    tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }],
  },
};

const TOOLS: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];

describe('the official openai client', () => {
  it('chats, plain and again from the cache', async () => {
    const first = await openai.chat.completions.create(ASK);
    const { data, response } = await openai.chat.completions.create(ASK).withResponse();
    expect(first.choices[0]?.message.content).toBe('Answer to: hello');
    expect(data).toEqual(first);
    expect(response.headers.get(HEADER.layer)).toBe('l1a');
  });

  it('streams, and accumulates from a replay what a plain call gives', async () => {
    const live = await openai.chat.completions.stream({ ...ASK }).finalChatCompletion();
    const replayed = await openai.chat.completions.stream({ ...ASK }).finalChatCompletion();
    const plain = await openai.chat.completions.create(ASK);
    expect(upstream.requests).toHaveLength(1);
    expect(replayed.choices[0]?.message.content).toBe(live.choices[0]?.message.content);
    expect(plain.choices[0]?.message.content).toBe('Answer to: hello');
    expect(replayed.choices[0]?.finish_reason).toBe('stop');
  });

  it('gets the usage of a stream where it asks for it', async () => {
    const stream = await openai.chat.completions.create({
      ...ASK,
      stream: true,
      stream_options: { include_usage: true },
    });
    const usages = [];
    for await (const part of stream) if (part.usage) usages.push(part.usage.total_tokens);
    expect(usages).toEqual([21]);
  });

  it('calls tools, plain, streamed, and from the cache', async () => {
    const body = chatBody('', { choices: [TOOL_CALL] });
    upstream.respondWith(jsonAnswer(body));
    const ask = { ...ASK, tools: TOOLS };
    const plain = await openai.chat.completions.create(ask);
    const replayed = await openai.chat.completions.stream(ask).finalChatCompletion();
    expect(plain.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      id: 'call_1',
      function: { name: 'weather', arguments: '{"city":"Bonn"}' },
    });
    expect(replayed.choices[0]?.message.tool_calls?.[0]).toMatchObject({
      id: 'call_1',
      function: { name: 'weather', arguments: '{"city":"Bonn"}' },
    });
    expect(upstream.requests).toHaveLength(1);

    upstream.respondWith(chatStream(body, { includeUsage: true }));
    const other = { ...ask, messages: [{ role: 'user' as const, content: 'streamed' }] };
    const live = await openai.chat.completions.stream(other).finalChatCompletion();
    expect(live.choices[0]?.message.tool_calls).toMatchObject([{ id: 'call_1' }]);
    expect((await openai.chat.completions.create(other)).choices[0]?.message.tool_calls).toEqual(
      plain.choices[0]?.message.tool_calls,
    );
  });

  it('sends images, and two that differ in their image are two requests', async () => {
    const ask = (url: string) =>
      openai.chat.completions.create({
        model: 'gpt-4o-mini',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'what is this?' },
              { type: 'image_url', image_url: { url } },
            ],
          },
        ],
      });
    await ask('data:image/png;base64,AAAA');
    await ask('data:image/png;base64,AAAA');
    await ask('data:image/png;base64,BBBB');
    expect(upstream.requests).toHaveLength(2);
  });

  it('gets structured output', async () => {
    upstream.respondWith(jsonAnswer(chatBody('{"city":"Bonn"}')));
    const parsed = await openai.chat.completions.parse({
      ...ASK,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'place',
          strict: true,
          schema: {
            type: 'object',
            properties: { city: { type: 'string' } },
            required: ['city'],
            additionalProperties: false,
          },
        },
      },
    });
    expect(parsed.choices[0]?.message.parsed).toEqual({ city: 'Bonn' });
  });

  it('raises its own error classes', async () => {
    await expect(
      new OpenAI({ baseURL: `${core.origin}/v1`, apiKey: 'wrong', maxRetries: 0 }).models.list(),
    ).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    upstream.respondWith(errorAnswer(429, 'slow down', { 'retry-after': '1' }));
    await expect(openai.chat.completions.create(ASK)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    upstream.respondWith(errorAnswer(400, 'no such thing'));
    await expect(openai.chat.completions.create(ASK)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('no such thing'),
    });
    upstream.respondWith({ kind: 'refuse' });
    await expect(openai.chat.completions.create(ASK)).rejects.toBeInstanceOf(OpenAI.InternalServerError);
  });

  it('raises an error in the middle of a stream that breaks', async () => {
    const piece = JSON.stringify({
      id: 'c',
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: { content: 'one' } }],
    });
    upstream.respondWith({ kind: 'stream', steps: [piece], end: 'cut' });
    const stream = await openai.chat.completions.create({ ...ASK, stream: true });
    const seen: unknown[] = [];
    await expect(
      (async () => {
        for await (const part of stream) seen.push(part.choices[0]?.delta.content);
      })(),
    ).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(seen).toEqual(['one']);
  });

  it('aborts', async () => {
    upstream.respondWith({ kind: 'stall' });
    const controller = new AbortController();
    const call = openai.chat.completions.create(ASK, { signal: controller.signal });
    const seen = await upstream.request(1);
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await seen.aborted;
  });

  it('embeds, and completes', async () => {
    const embedded = await openai.embeddings.create({
      model: 'text-embedding-3-small',
      input: ['a', 'b'],
      encoding_format: 'float',
    });
    expect(embedded.data).toHaveLength(2);
    const completed = await openai.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'once' });
    expect(completed.choices[0]?.text).toBe('Answer to: "once"');
  });
});
