import { HEADER, isJsonObject } from '@isartor/shared';
import {
  chatRequest,
  fakeUpstream,
  type FakeAnswer,
  type FakeUpstream,
  type RecordedRequest,
} from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROVIDER_ANSWERS, type ProviderAnswers } from './support/provider-answers.ts';
import { sdkClients } from './support/sdk-clients/index.ts';
import type { SdkAsk, SdkClient, SdkError } from './support/sdk-clients/sdk-client.ts';
import { startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

let upstream: FakeUpstream;
let core: RunningCore;
let clients: readonly SdkClient[];

beforeAll(async () => {
  upstream = await fakeUpstream();
  core = await startCore(upstream.url, {
    ISARTOR__L3__RETRY__MAX_CALLS: '1',
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      ...PROVIDER_ANSWERS.map(({ name, dialect, model }) => ({
        name,
        dialect,
        url: upstream.url,
        model,
        key: 'sk',
      })),
      { name: 'deepseek', preset: 'deepseek', url: upstream.url, model: 'deepseek-chat', key: 'sk' },
    ]),
    ISARTOR__L3__ROUTES: JSON.stringify(
      [
        ...PROVIDER_ANSWERS.map(({ name, model }) => [name, name, model] as const),
        // One that knows no strict tools.
        ['old', 'anthropic', 'claude-3-haiku-20240307'] as const,
        ['deepseek', 'deepseek', 'deepseek-chat'] as const,
      ].map(([name, provider, model]) => ({ model: `to-${name}`, to: [{ provider, model }] })),
    ),
  });
  clients = sdkClients(core.origin, TEST_KEY);
});
afterAll(async () => {
  await core.stop();
  await upstream.close();
});

const NAMES = ['openai, chat', 'openai, responses', 'anthropic', 'google genai', 'ai sdk'] as const;
const OWN: Readonly<Record<(typeof NAMES)[number], ProviderAnswers['dialect']>> = {
  'openai, chat': 'openai',
  'openai, responses': 'openai',
  anthropic: 'anthropic',
  'google genai': 'gemini',
  'ai sdk': 'openai',
};
const PAIRS = NAMES.flatMap((name) =>
  PROVIDER_ANSWERS.filter(({ dialect }) => dialect !== OWN[name]).map((provider) => ({ name, provider })),
);
const BOTH = PAIRS.flatMap((pair) => [false, true].map((stream) => ({ ...pair, stream, to: pair.provider.name })));

let questions = 0;

function clientOf(name: string): SdkClient {
  const client = clients.find((one) => one.name === name);
  if (client === undefined) throw new Error(`there is no client ${name}`);
  return client;
}

/** A question that nobody has asked before. */
function newAsk({ name }: ProviderAnswers, stream: boolean): SdkAsk {
  questions += 1;
  return { model: `to-${name}`, question: `question ${questions}`, stream };
}

function respondWith(answer: (request: RecordedRequest) => FakeAnswer): void {
  upstream.respondWith(answer);
}

const last = (): RecordedRequest | undefined => upstream.requests.at(-1);
const lastBody = (): string => Buffer.from(last()?.body ?? []).toString();

describe('an official client, and a provider of another API', () => {
  it.each(BOTH)(
    '$name to $to, stream: $stream: gets its answer, and again from the cache',
    async ({ name, provider, stream }) => {
      respondWith((request) => provider.text(request, 'An answer in two words.'));
      const ask = newAsk(provider, stream);
      const answer = await clientOf(name).ask(ask);
      expect(answer).toEqual({ text: 'An answer in two words.', inputTokens: 9, outputTokens: 12, call: undefined });
      expect(lastBody()).toContain(ask.question);
      const count = upstream.requests.length;
      expect(await clientOf(name).ask({ ...ask, stream: !stream })).toEqual(answer);
      expect(upstream.requests).toHaveLength(count);
    },
  );

  it.each(BOTH)(
    '$name to $to, stream: $stream: calls a tool in a loop of two turns',
    async ({ name, provider, stream }) => {
      respondWith((request) => {
        const body = Buffer.from(request.body).toString();
        return body.includes('sunny')
          ? provider.text(request, 'It is sunny.')
          : provider.call(request, { city: 'Bonn' });
      });
      const [called, answer] = await clientOf(name).useTool(newAsk(provider, stream), 'sunny');
      expect(called.call).toEqual({ name: 'weather', input: { city: 'Bonn' } });
      expect(answer.text).toBe('It is sunny.');
      // Without its signature Gemini refuses the call that it has made itself.
      if (provider.dialect === 'gemini') expect(lastBody()).toContain('c2lnbmVk');
    },
  );

  it.each(PAIRS)('$name to $provider.name: sends a picture, and asks for JSON', async ({ name, provider }) => {
    respondWith((request) => provider.text(request, '{"city":"Bonn"}'));
    const schema = {
      type: 'object',
      properties: { city: { type: 'string', description: 'where it is' } },
      required: ['city'],
      additionalProperties: false,
    };
    const answer = await clientOf(name).ask({ ...newAsk(provider, false), png: 'iVBORw0KGgo=', schema });
    expect(JSON.parse(answer.text)).toEqual({ city: 'Bonn' });
    expect(lastBody()).toContain('iVBORw0KGgo=');
    expect(lastBody()).toContain('where it is');
  });

  it.each(BOTH)(
    '$name to $to, stream: $stream: raises what the provider refused',
    async ({ name, provider, stream }) => {
      respondWith(() => provider.error(429, 'Slow down, please.', { 'retry-after': '7' }));
      const error: SdkError = await clientOf(name)
        .ask(newAsk(provider, stream))
        .then(
          () => ({ status: 200, message: '' }),
          (raised: SdkError) => ({ status: raised.status ?? raised.statusCode, message: raised.message }),
        );
      expect(error).toMatchObject({ status: 429, message: expect.stringContaining('Slow down, please.') });
    },
  );

  it.each(BOTH)(
    '$name to $to, stream: $stream: leaves, and the provider is left',
    async ({ name, provider, stream }) => {
      const arrived = Promise.withResolvers<RecordedRequest>();
      respondWith((request) => {
        arrived.resolve(request);
        return { kind: 'stall' };
      });
      const leave = new AbortController();
      const answer = clientOf(name).ask({ ...newAsk(provider, stream), signal: leave.signal });
      answer.catch(() => undefined);
      const request = await arrived.promise;
      leave.abort();
      await request.aborted;
      await expect(answer).rejects.toThrow();
    },
  );
});

const TOOL = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } };
const STRICT_TOOL = { type: 'function', function: { ...TOOL.function, strict: true } };
const PICTURE = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } };
const DRAWN = { role: 'assistant', content: null, images: [PICTURE] };
const LINK = { type: 'image_url', image_url: { url: 'http://a.test/b.png' } };

describe('a request that another API has no words for', () => {
  it.each([
    ['anthropic', { seed: 7 }, 'seed'],
    ['anthropic', { temperature: 1.5 }, 'temperature'],
    ['gemini', { logit_bias: { '50256': -100 } }, 'logit_bias.50256'],
    ['gemini', { n: 2 }, 'n'],
    ['anthropic', { a_field_of_tomorrow: true }, 'a_field_of_tomorrow'],
    ['gemini', { tools: [TOOL], parallel_tool_calls: false }, 'parallel_tool_calls'],
    ['gemini', { messages: [{ role: 'user', content: [LINK] }] }, 'messages'],
    ['old', { tools: [STRICT_TOOL] }, 'tools'],
    ['anthropic', { messages: [{ role: 'user', content: 'Draw.' }, DRAWN] }, 'messages'],
    ['anthropic', { max_tokens: 1e19 }, null],
  ])('to %s with %j: 400 that names it, and nobody is asked', async (dialect, more, param) => {
    const count = upstream.requests.length;
    const response = await core.post('/v1/chat/completions', chatRequest('Hello', { model: `to-${dialect}`, ...more }));
    expect(response.status).toBe(400);
    const body: unknown = await response.json();
    expect(body).toMatchObject({ error: { code: 'invalid_request', param } });
    expect(upstream.requests).toHaveLength(count);
  });
});

describe('a temperature', () => {
  const ask = (temperature: number) =>
    core.post('/v1/messages', {
      model: 'to-openai',
      max_tokens: 9,
      temperature,
      messages: [{ role: 'user', content: 'Hello' }],
    });

  it('of 1 is left out for a model that reasons, which has no other', async () => {
    const openai = PROVIDER_ANSWERS.find(({ name }) => name === 'openai');
    respondWith((request) => openai?.text(request, 'Hi.') ?? { kind: 'refuse' });
    expect((await ask(1)).status).toBe(200);
    expect(last()?.json()).not.toHaveProperty('temperature');
  });

  it('of its own is refused for it', async () => {
    const response = await ask(0.5);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('temperature')]);
  });
});

describe('an operation that is not translated', () => {
  it('is not served: embeddings of a route that leads elsewhere', async () => {
    const response = await core.post('/v1/embeddings', { model: 'to-anthropic', input: 'x' });
    expect(response.status).toBe(404);
  });
});

describe('a provider that has not all of its own API', () => {
  it.each([false, true])('is asked for a response by its chat, stream: %s', async (stream) => {
    const [openai] = PROVIDER_ANSWERS;
    respondWith((request) => openai?.text(request, 'By chat.') ?? { kind: 'refuse' });
    const ask = { model: 'to-deepseek', question: `by chat ${stream}`, stream };
    expect(await clientOf('openai, responses').ask(ask)).toMatchObject({ text: 'By chat.', inputTokens: 9 });
    expect(last()?.path).toBe('/v1/chat/completions');
  });
});

describe('headers of a translated answer', () => {
  it('are those of an answer, and name the provider and the model that spoke', async () => {
    const anthropic = PROVIDER_ANSWERS.find(({ name }) => name === 'anthropic');
    respondWith((request) => anthropic?.text(request, 'Hi.') ?? { kind: 'refuse' });
    const response = await core.post('/v1/chat/completions', chatRequest('Headers', { model: 'to-anthropic' }));
    const { headers } = response;
    expect([headers.get(HEADER.provider), headers.get(HEADER.model)]).toEqual([
      'anthropic',
      'claude-haiku-4-5-20251001',
    ]);
    expect(headers.get('content-type')).toContain('application/json');
    const body: unknown = await response.json();
    expect(isJsonObject(body as never) && body).toMatchObject({ object: 'chat.completion' });
  });
});
