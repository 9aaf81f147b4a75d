import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, HarmBlockThreshold, HarmCategory, MediaResolution } from '@google/genai';
import { chatBody, chatStream, fakeUpstream, jsonAnswer, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

/** One that takes OpenAI's newer parameters, one that takes the older, and a server of an open model. */
const MODELS = ['gpt-5', 'gpt-4o', 'kimi-k2'] as const;

let upstream: FakeUpstream;
let core: RunningCore;
let anthropic: Anthropic;
let google: GoogleGenAI;

beforeAll(async () => {
  upstream = await fakeUpstream({ respond: () => jsonAnswer(chatBody('Hello.')) });
  core = await startCore(upstream.url, {
    ISARTOR__L3__RETRY__MAX_CALLS: '1',
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'openai', dialect: 'openai', url: upstream.url, model: 'gpt-5', key: 'sk' },
    ]),
    ISARTOR__L3__ROUTES: JSON.stringify(MODELS.map((model) => ({ model, to: [{ provider: 'openai', model }] }))),
  });
  anthropic = new Anthropic({ baseURL: core.origin, apiKey: TEST_KEY, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: TEST_KEY, httpOptions: { baseUrl: core.origin } });
});
afterAll(async () => {
  await core.stop();
  await upstream.close();
});

const asked = (): unknown => upstream.requests.at(-1)?.json();

describe('a coding agent of Google’s', () => {
  it.each(MODELS)('is served by %s as it asks its own model', async (model) => {
    const answer = await google.models.generateContent({
      model,
      contents: [{ role: 'user', parts: [{ text: '' }, { text: 'Hi' }] }],
      config: {
        temperature: 1,
        topP: 0.95,
        topK: 64,
        mediaResolution: MediaResolution.MEDIA_RESOLUTION_LOW,
        safetySettings: [
          {
            category: HarmCategory.HARM_CATEGORY_HARASSMENT,
            threshold: HarmBlockThreshold.BLOCK_MEDIUM_AND_ABOVE,
          },
        ],
        labels: { team: 'a' },
      },
    });
    expect(answer.text).toBe('Hello.');
    expect(asked()).toMatchObject({ model, messages: [{ role: 'user', content: 'Hi' }] });
    for (const left of ['top_p', 'top_k']) expect(asked()).not.toHaveProperty(left);
  });
});

describe('a coding agent of Anthropic’s', () => {
  const CALL = { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} } as const;
  const TOOL = {
    name: 'weather',
    input_schema: { type: 'object' },
    input_examples: [{}],
    defer_loading: false,
  } as const;
  const PNG = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } } as const;
  const text = (said: string) => ({ type: 'text', text: said }) as const;

  it.each(MODELS)('is served by %s as it asks its own model', async (model) => {
    const body = {
      model,
      max_tokens: 64,
      service_tier: 'standard_only',
      speed: 'standard',
      diagnostics: { previous_message_id: null },
      context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
      output_config: { task_budget: { type: 'tokens', total: 20_000 } },
      metadata: { user_id: 'u' },
      container: null,
      system: [{ ...text('Be brief.'), cache_control: { type: 'ephemeral', scope: 'global' } }],
      tools: [TOOL],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'document', title: 'a.txt', source: { type: 'text', media_type: 'text/plain', data: 'words' } },
            text(''),
          ],
        },
        { role: 'assistant', content: [text(''), CALL] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: CALL.id, is_error: true, content: [text('no such city'), PNG] },
          ],
        },
        { role: 'system', content: 'The user is in a hurry.' },
      ],
    };
    const response = await core.post('/v1/messages', body);
    expect([response.status, await response.json()]).toMatchObject([200, { content: [text('Hello.')] }]);
    const [system, ...told] = (asked() as { messages: { role: string; content: unknown }[] }).messages;
    expect(system?.content).toBe('Be brief.');
    expect(told).toMatchObject([
      { role: 'user', content: 'a.txt\n\nwords' },
      { role: 'assistant', tool_calls: [{ id: CALL.id }] },
      { role: 'tool', tool_call_id: CALL.id, content: 'Error: no such city' },
      { role: 'user', content: [text('From weather (toolu_1):'), { type: 'image_url' }] },
      { role: system?.role, content: 'The user is in a hurry.' },
    ]);
  });

  it.each([false, true])('goes on by a call that its server calls an end, stream: %s', async (stream) => {
    const call = { id: 'functions.weather:0', type: 'function', function: { name: 'weather', arguments: '{}' } };
    const message = { role: 'assistant', content: null, tool_calls: [call] };
    const said = chatBody('', { choices: [{ index: 0, message, finish_reason: 'stop' }] });
    upstream.respondWith(() => (stream ? chatStream(said, { includeUsage: true }) : jsonAnswer(said)));
    const tools: Anthropic.Tool[] = [{ name: 'weather', input_schema: { type: 'object' } }];
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: `Is it dry? Stream: ${stream}` }];
    const ask = { model: 'kimi-k2', max_tokens: 64, tools, messages };
    const turn = stream ? await anthropic.messages.stream(ask).finalMessage() : await anthropic.messages.create(ask);
    expect(turn).toMatchObject({
      stop_reason: 'tool_use',
      content: [{ type: 'tool_use', id: 'functions_weather_0', name: 'weather' }],
    });
    upstream.respondWith(jsonAnswer(chatBody('Dry.')));
    const result = { type: 'tool_result', tool_use_id: 'functions_weather_0', content: 'dry' } as const;
    messages.push({ role: 'assistant', content: turn.content }, { role: 'user', content: [result] });
    expect((await anthropic.messages.create(ask)).content).toMatchObject([{ text: 'Dry.' }]);
    expect(asked()).toMatchObject({
      messages: [{}, { tool_calls: [{ id: result.tool_use_id }] }, { tool_call_id: result.tool_use_id }],
    });
  });
});
