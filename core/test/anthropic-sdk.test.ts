import Anthropic from '@anthropic-ai/sdk';
import { HEADER, type JsonObject } from '@isartor/shared';
import {
  fakeUpstream,
  jsonAnswer,
  messageBody,
  messageError,
  messageRequest,
  messageStream,
  namedSteps,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

let upstream: FakeUpstream;
let core: RunningCore;
let anthropic: Anthropic;
let asked = 0;
let questions = 0;

beforeAll(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
  core = await startCore(upstream.url, { ISARTOR__LLM_PROVIDER: 'anthropic', ISARTOR__L3__RETRY__MAX_CALLS: '1' });
  anthropic = new Anthropic({ baseURL: core.origin, apiKey: TEST_KEY, maxRetries: 0 });
});
afterAll(async () => {
  await core.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.respondWith(wellBehaved);
  asked = upstream.requests.length;
});

/** A request that nobody has made before. */
function newAsk(): { model: string; max_tokens: number; messages: Anthropic.MessageParam[] } {
  questions += 1;
  return { model: 'claude-haiku-4-5', max_tokens: 64, messages: [{ role: 'user', content: `question ${questions}` }] };
}

const calls = (): number => upstream.requests.length - asked;
const WEATHER: Anthropic.Tool = {
  name: 'weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const THOUGHT = { type: 'thinking', thinking: 'Where? Bonn.', signature: 'EqQBCgIYAhIMsignature' } as const;
const CALL = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bonn' } } as const;

describe('the official @anthropic-ai/sdk client', () => {
  it('gets a message, and again from the cache', async () => {
    const ask = newAsk();
    const first = await anthropic.messages.create(ask);
    const { data, response } = await anthropic.messages.create(ask).withResponse();
    expect(first.content).toMatchObject([{ type: 'text', text: `Answer to: question ${questions}` }]);
    expect(data).toEqual(first);
    expect(response.headers.get(HEADER.layer)).toBe('l1a');
    expect(response.headers.get(HEADER.provider)).toBe('anthropic');
    expect(response.headers.get(HEADER.cost)).toMatch(/^0;saved=0\.000\d+$/);
    expect(calls()).toBe(1);
  });

  it('sends its body to the byte, with the headers and the query that can change the answer, and our key', async () => {
    const body = `{ "model":"claude-x", "max_tokens": 7,\n "new_field" : 1.50, "messages":[{"role":"user","content":"raw"}] }`;
    await core.post('/v1/messages?beta=true', body, {
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'b-2,a-1',
      'anthropic-dangerous-direct-browser-access': 'true',
      'x-stainless-lang': 'js',
      cookie: 'a=b',
    });
    const seen = upstream.requests.at(-1);
    expect(Buffer.from(seen?.body ?? []).toString()).toBe(body);
    expect(seen?.url).toBe('/v1/messages?beta=true');
    expect(seen?.headers).toMatchObject({
      'x-api-key': 'sk-upstream',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'b-2,a-1',
      'x-stainless-lang': 'js',
    });
    for (const dropped of ['authorization', 'cookie', 'anthropic-dangerous-direct-browser-access']) {
      expect(seen?.headers).not.toHaveProperty(dropped);
    }
    await core.post('/v1/messages', messageRequest('no version'));
    expect(upstream.requests.at(-1)?.headers).toMatchObject({ 'anthropic-version': '2023-06-01' });
  });

  it('streams, and accumulates from a replay what a plain call gives', async () => {
    const ask = newAsk();
    const live = await anthropic.messages.stream(ask).finalMessage();
    const replayed = await anthropic.messages.stream(ask).finalMessage();
    const plain = await anthropic.messages.create(ask);
    expect(calls()).toBe(1);
    expect(replayed).toEqual(live);
    expect(withoutIds(replayed)).toEqual(withoutIds(plain));
  });

  it('thinks and calls a tool in a loop of two turns, streamed, plain and from the cache', async () => {
    upstream.respondWith(
      messageStream(
        messageBody('', { content: [THOUGHT, { type: 'text', text: 'Let me see.' }, CALL], stop_reason: 'tool_use' }),
      ),
    );
    const ask = { ...newAsk(), tools: [WEATHER], thinking: { type: 'enabled' as const, budget_tokens: 1024 } };
    const turn = await anthropic.messages.stream(ask).finalMessage();
    expect(turn.stop_reason).toBe('tool_use');
    expect(turn.content).toEqual([THOUGHT, { type: 'text', text: 'Let me see.' }, CALL]);
    const plain = await anthropic.messages.create(ask);
    expect(plain.content).toEqual(turn.content);
    expect(calls()).toBe(1);

    const answer = (result: string) => ({
      ...ask,
      messages: [
        ...ask.messages,
        { role: 'assistant' as const, content: turn.content },
        { role: 'user' as const, content: [{ type: 'tool_result' as const, tool_use_id: CALL.id, content: result }] },
      ],
    });
    upstream.respondWith(jsonAnswer(messageBody('Sunny in Bonn.')));
    const sunny = await anthropic.messages.create(answer('sunny'));
    expect(sunny.content).toMatchObject([{ text: 'Sunny in Bonn.' }]);
    // The signature went back as it came: without it Anthropic refuses the turn.
    expect(upstream.requests.at(-1)?.json()).toMatchObject({ messages: [{}, { content: [THOUGHT, {}, CALL] }, {}] });
    upstream.respondWith(jsonAnswer(messageBody('Rain in Bonn.')));
    const rainy = await anthropic.messages.create(answer('rain'));
    expect(rainy.content).toMatchObject([{ text: 'Rain in Bonn.' }]);
    expect((await anthropic.messages.create(answer('sunny'))).content).toMatchObject([{ text: 'Sunny in Bonn.' }]);
    expect(calls()).toBe(3);
  });

  it('keeps apart what differs in one image, in its betas, in its route, and the count from the message', async () => {
    const ask = newAsk();
    const withImage = (data: string): Anthropic.MessageCreateParamsNonStreaming => ({
      ...ask,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what is this?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
          ],
        },
      ],
    });
    for (const data of ['AAAA', 'AAAA', 'BBBB']) await anthropic.messages.create(withImage(data));
    expect(calls()).toBe(2);
    await anthropic.messages.create(ask);
    for (const betas of [['one-1'], ['one-1', 'two-2'], ['two-2', 'one-1']]) {
      await anthropic.beta.messages.create({ ...ask, betas });
    }
    expect(calls()).toBe(5);
    const { max_tokens: _, ...countable } = ask;
    const counted = await anthropic.messages.countTokens(countable);
    expect(counted.input_tokens).toBeGreaterThan(0);
    expect(await anthropic.messages.countTokens(countable)).toEqual(counted);
    expect(calls()).toBe(6);
    expect(upstream.requests.at(-1)?.path).toBe('/v1/messages/count_tokens');
  });

  it('gets structured output', async () => {
    upstream.respondWith(jsonAnswer(messageBody('{"city":"Bonn"}')));
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    } as const;
    const ask = { ...newAsk(), output_config: { format: { type: 'json_schema' as const, schema } } };
    const parsed = await anthropic.messages.parse(ask);
    expect(parsed.parsed_output ?? JSON.parse(textOf(parsed))).toEqual({ city: 'Bonn' });
  });

  it('raises its own error classes, and the words of the provider', async () => {
    const stranger = new Anthropic({ baseURL: core.origin, apiKey: 'wrong', maxRetries: 0 });
    await expect(stranger.messages.create(newAsk())).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
    upstream.respondWith(messageError(429, 'rate_limit_error', 'slow down', { 'retry-after': '1' }));
    await expect(anthropic.messages.create(newAsk())).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    upstream.respondWith(messageError(400, 'invalid_request_error', 'max_tokens: Field required'));
    await expect(anthropic.messages.create(newAsk())).rejects.toMatchObject({
      status: 400,
      error: { type: 'error', error: { type: 'invalid_request_error', message: 'max_tokens: Field required' } },
    });
    upstream.respondWith(messageError(529, 'overloaded_error', 'Overloaded'));
    await expect(anthropic.messages.create(newAsk())).rejects.toMatchObject({ status: 529 });
    upstream.respondWith({ kind: 'refuse' });
    await expect(anthropic.messages.create(newAsk())).rejects.toMatchObject({
      status: 502,
      error: { type: 'error', error: { type: 'api_error' } },
    });
    await expect(anthropic.messages.create({ ...newAsk(), messages: [] })).rejects.toMatchObject({
      status: 400,
      error: { type: 'error', error: { type: 'invalid_request_error', message: expect.stringContaining('messages') } },
    });
    const wrongRoute = await core.get('/v1/messages');
    expect([wrongRoute.status, await wrongRoute.json()]).toMatchObject([405, { type: 'error' }]);
  });

  it('raises an error in the middle of a stream that breaks, and stores nothing of it', async () => {
    const ask = newAsk();
    const events = namedSteps([
      {
        event: 'message_start',
        data: JSON.stringify({ type: 'message_start', message: messageBody('', { content: [] }) }),
      },
      {
        event: 'content_block_start',
        data: '{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}',
      },
      {
        event: 'content_block_delta',
        data: '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"one"}}',
      },
    ]);
    upstream.respondWith({ kind: 'stream', steps: events, end: 'cut' });
    const seen: unknown[] = [];
    const stream = await anthropic.messages.create({ ...ask, stream: true });
    const reading = (async () => {
      for await (const event of stream) seen.push(event.type);
    })();
    await expect(reading).rejects.toMatchObject({ error: { type: 'error', error: { type: 'api_error' } } });
    expect(seen).toEqual(['message_start', 'content_block_start', 'content_block_delta']);

    const overloaded = {
      event: 'error',
      data: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    };
    upstream.respondWith({ kind: 'stream', steps: [...events, ...namedSteps([overloaded])] });
    await expect(anthropic.messages.stream(ask).finalMessage()).rejects.toThrow('Overloaded');
    upstream.respondWith(wellBehaved);
    expect((await anthropic.messages.create(ask)).stop_reason).toBe('end_turn');
    expect(calls()).toBe(3);
  });

  it('aborts, and the provider learns of it', async () => {
    upstream.respondWith({ kind: 'stall' });
    const controller = new AbortController();
    const call = anthropic.messages.create(newAsk(), { signal: controller.signal });
    const seen = await upstream.request(asked + 1);
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    await seen.aborted;
  });

  it('is never answered from the cache where a tool runs at the provider', async () => {
    const ask = { ...newAsk(), tools: [{ type: 'web_search_20250305' as const, name: 'web_search' as const }] };
    await anthropic.messages.create(ask);
    const { response } = await anthropic.messages.create(ask).withResponse();
    expect(response.headers.get(HEADER.cache)).toBe('bypass;why=hosted-tool');
    expect(calls()).toBe(2);
  });

  it('lists the models of the provider, and its own default', async () => {
    const listed = await core.get('/v1/models');
    expect(await listed.json()).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ id: 'claude-haiku-4-5', owned_by: 'anthropic' })]),
    });
    expect(upstream.requests.at(-1)).toMatchObject({
      url: '/v1/models?limit=1000',
      headers: { 'x-api-key': 'sk-upstream' },
    });
  });
});

describe('an API that no provider speaks', () => {
  it('is a 404 in the dialect of the caller, which says what to configure', async () => {
    const embeddings = await core.post('/v1/embeddings', { model: 'm', input: 'hi' });
    expect(embeddings.status).toBe(404);
    expect(await embeddings.json()).toMatchObject({
      error: { code: 'api_not_served', message: expect.stringContaining('ISARTOR__LLM_PROVIDER=openai') },
    });
    const openaiCore = await startCore(upstream.url);
    try {
      const client = new Anthropic({ baseURL: openaiCore.origin, apiKey: TEST_KEY, maxRetries: 0 });
      const { model, messages } = newAsk();
      await expect(client.messages.countTokens({ model, messages })).rejects.toMatchObject({
        status: 404,
        error: {
          error: { type: 'not_found_error', message: expect.stringContaining('ISARTOR__LLM_PROVIDER=anthropic') },
        },
      });
    } finally {
      await openaiCore.stop();
    }
    expect(calls()).toBe(0);
  });
});

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

/** What the client adds by itself is left out. */
function withoutIds(message: Anthropic.Message): JsonObject {
  return JSON.parse(
    JSON.stringify(message, (name, value: unknown) =>
      ['_request_id', 'parsed_output'].includes(name) ? undefined : value,
    ),
  );
}
