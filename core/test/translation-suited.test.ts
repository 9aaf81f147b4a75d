import {
  chatBody,
  chatRequest,
  fakeUpstream,
  geminiBody,
  jsonAnswer,
  messageBody,
  messageRequest,
  responseBody,
  type FakeUpstream,
} from '@isartor/shared/testing';
import type { JsonObject, JsonValue } from '@isartor/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCore, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const MESSAGES = '/v1/messages';
/** Thinks within a budget; the newer ones decide by themselves. */
const SONNET = 'claude-sonnet-4-5';
const HAIKU = 'claude-haiku-4-5';
const GEMINI = 'gemini-2.5-flash';

let upstream: FakeUpstream;
let core: RunningCore;
let asked = 0;

beforeAll(async () => {
  upstream = await fakeUpstream();
  upstream.respondWith(({ path }) => {
    if (path.endsWith('/messages')) return jsonAnswer(messageBody('said'));
    if (path.endsWith('/responses')) return jsonAnswer(responseBody('said'));
    return jsonAnswer(path.includes(':generateContent') ? geminiBody('said') : chatBody('said'));
  });
  const provider = (name: string, dialect: string, model: string) => ({ name, dialect, url: upstream.url, model });
  const to = (model: string, name: string) => ({ model, to: [{ provider: name }] });
  core = await startCore(upstream.url, {
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      provider('openai', 'openai', 'gpt-4o'),
      provider('anthropic', 'anthropic', SONNET),
      provider('gemini', 'gemini', GEMINI),
    ]),
    ISARTOR__L3__ROUTES: JSON.stringify([
      to('gpt-*', 'openai'),
      to('llama-*', 'openai'),
      to('o3-*', 'openai'),
      to('claude-*', 'anthropic'),
      to('gemini-*', 'gemini'),
    ]),
  });
});
afterAll(async () => {
  await core.stop();
  await upstream.close();
});

/** What reaches the provider of a request, which must be answered. */
async function sent(path: string, body: JsonObject): Promise<JsonObject> {
  asked += 1;
  const response = await core.post(path, { ...body, ...(path === CHAT && { user: `user ${asked}` }) });
  expect([response.status, response.status === 200 ? '' : await response.text()]).toEqual([200, '']);
  return upstream.requests.at(-1)?.json() as JsonObject;
}

const chat = (model: string, more: JsonObject = {}) => sent(CHAT, chatRequest('x', { model, ...more }));
const message = (model: string, more: JsonObject = {}) =>
  sent(MESSAGES, messageRequest(`x ${asked}`, { model, max_tokens: 8_000, ...more }));

const CALL = { id: 'functions.weather:0', type: 'function', function: { name: 'weather', arguments: '{}' } };
const LOOP: JsonValue[] = [
  { role: 'user', content: 'Weather?' },
  { role: 'assistant', content: null, tool_calls: [CALL] },
  { role: 'tool', tool_call_id: CALL.id, content: 'sunny' },
];
const TOOLS = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];

describe('thoughts', () => {
  it('that Claude has a budget for are part of the limit on what is said', async () => {
    expect(await chat(SONNET, { reasoning_effort: 'high', max_completion_tokens: 4_096 })).toMatchObject({
      max_tokens: 4_096,
      thinking: { type: 'enabled', budget_tokens: 3_072 },
    });
  });

  it('there is no room for are left out', async () => {
    const body = await chat(SONNET, { reasoning_effort: 'high', max_completion_tokens: 1_500 });
    expect([body['max_tokens'], body['thinking']]).toEqual([1_500, { type: 'disabled' }]);
  });

  it('are left out where those of the turn that called have not come back', async () => {
    const body = await chat(SONNET, { reasoning_effort: 'low', messages: LOOP, tools: TOOLS });
    expect(body['thinking']).toEqual({ type: 'disabled' });
  });

  it.each(['claude-opus-4-8', 'claude-sonnet-4-6'])(
    'of %s, which plans them by itself, are as before',
    async (model) => {
      const body = await chat(model, { reasoning_effort: 'low', messages: LOOP, tools: TOOLS, max_tokens: 2_000 });
      expect(body).toMatchObject({ max_tokens: 2_000, thinking: { type: 'adaptive' } });
    },
  );

  it.each(['gpt-4o', 'gpt-4.1-mini', 'chatgpt-4o-latest'])('are not asked of %s, which has none', async (model) => {
    expect(await message(model, { thinking: { type: 'enabled', budget_tokens: 2_000 } })).not.toHaveProperty(
      'reasoning_effort',
    );
  });

  it('are asked of a model that may have some', async () => {
    expect(await message('llama-9', { thinking: { type: 'enabled', budget_tokens: 2_000 } })).toMatchObject({
      reasoning_effort: 'low',
    });
  });

  it('are asked for in the nearest words that a model knows', async () => {
    const body = await message('gpt-5', { output_config: { effort: 'max' } });
    expect(['high', 'xhigh']).toContain(body['reasoning_effort']);
  });
});

describe('OpenAI’s models', () => {
  const tools = [{ name: 'weather', input_schema: { type: 'object' } }];
  const way = () => upstream.requests.at(-1)?.path;

  it('that do not think beside tools in a chat are asked for a response, of which nothing is kept', async () => {
    const body = await message('gpt-5.6', { tools, output_config: { effort: 'high' } });
    expect(way()).toBe('/v1/responses');
    expect(body).toMatchObject({ reasoning: { effort: 'high' }, store: false });
  });

  it.each([
    ['gpt-5.6', {}],
    ['gpt-5.2', { tools, output_config: { effort: 'high' } }],
    ['llama-codex', {}],
  ])('that can are asked by chat: %s, %j', async (model, more) => {
    await message(model, more);
    expect(way()).toBe('/v1/chat/completions');
  });

  it.each(['gpt-5.3-codex', 'gpt-5.1-codex-max', 'gpt-5-pro', 'o3-pro-2025-06-10'])(
    'that have no chat are asked for a response: %s',
    async (model) => {
      await message(model);
      expect(way()).toBe('/v1/responses');
    },
  );
});

describe('for Claude', () => {
  it('an id of a call that it would refuse is another one, for call and result alike', async () => {
    const body = JSON.stringify(await chat(HAIKU, { messages: LOOP, tools: TOOLS }));
    expect(body.match(/functions_weather_0/g)).toHaveLength(2);
    expect(body).not.toContain(CALL.id);
  });

  it('a limit above its own is its own', async () => {
    expect(await chat(HAIKU, { max_tokens: 100_000 })).toMatchObject({ max_tokens: 64_000 });
  });

  it('JSON without a schema is asked for in words', async () => {
    const body = await chat(HAIKU, { response_format: { type: 'json_object' } });
    expect(JSON.stringify(body['system'])).toContain('one JSON object');
  });
});

it.each([HAIKU, GEMINI])(
  'instructions in the middle of a conversation are told to %s in their place',
  async (model) => {
    const messages = [
      { role: 'system', content: 'At first.' },
      { role: 'user', content: 'One.' },
      { role: 'assistant', content: 'Two.' },
      { role: 'system', content: 'Now.' },
      { role: 'user', content: 'Three.' },
    ];
    const { system, systemInstruction, ...body } = await chat(model, { messages });
    expect(JSON.stringify([system, systemInstruction])).toContain('At first.');
    expect(JSON.stringify(body)).toMatch(/Two\..*<system-reminder>\\nNow\.\\n<\/system-reminder>.*Three\./);
  },
);
