import type { JsonObject, JsonValue } from '@isartor/shared';
import {
  errorAnswer,
  fakeUpstream,
  geminiBody,
  geminiRequest,
  jsonAnswer,
  messageBody,
  messageRequest,
  responseBody,
  responseRequest,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCore, type RunningCore } from './support/start-core.ts';

const MESSAGES = '/v1/messages';
const GENERATE = '/v1beta/models/gemini-2.5-flash:generateContent';

let claude: FakeUpstream;
let gemini: FakeUpstream;
let openai: FakeUpstream;
let core: RunningCore;

/** A provider of each API; Gemini stands in for Claude, and Claude for the others. */
beforeAll(async () => {
  [claude, gemini, openai] = await Promise.all([fakeUpstream(), fakeUpstream(), fakeUpstream()]);
  const provider = (name: string, dialect: string, { url }: FakeUpstream, model: string) => ({
    name,
    dialect,
    url,
    model,
  });
  const providers = [
    provider('claude', 'anthropic', claude, 'claude-haiku-4-5'),
    provider('gemini', 'gemini', gemini, 'gemini-2.5-flash'),
    provider('openai', 'openai', openai, 'gpt-5'),
  ];
  const to = (model: string, ...names: string[]) => ({
    model,
    to: names.map((name) => ({ provider: name, model: modelOf(name) })),
  });
  const modelOf = (name: string) => providers.find((one) => one.name === name)?.model;
  core = await startCore(claude.url, {
    ISARTOR__L3__RETRY__BASE_WAIT_MS: '0',
    ISARTOR__L3__PROVIDERS: JSON.stringify(providers),
    ISARTOR__L3__ROUTES: JSON.stringify([
      to('claude-*', 'claude', 'gemini'),
      to('gemini-*', 'gemini', 'claude'),
      to('gpt-*', 'openai', 'claude'),
    ]),
  });
});
afterAll(async () => {
  await core.stop();
  await Promise.all([claude, gemini, openai].map((upstream) => upstream.close()));
});

const down = errorAnswer(529, 'overloaded');
const THOUGHTS = { type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmVk' };

async function answerOf(path: string, body: JsonObject): Promise<JsonObject> {
  const response = await core.post(path, body);
  expect(response.status).toBe(200);
  return (await response.json()) as JsonObject;
}

const bodyAt = (upstream: FakeUpstream): JsonObject => upstream.requests.at(-1)?.json() as JsonObject;

describe('a conversation that another API’s provider has taken part in', () => {
  it('goes on with Claude, without Gemini’s thoughts and seals', async () => {
    claude.respondWith(down);
    const parts = [
      { text: 'Hm.', thought: true },
      { text: 'Hello.', thoughtSignature: 'c2ln' },
    ];
    const candidates = [{ content: { parts, role: 'model' }, finishReason: 'STOP' }];
    gemini.respondWith(jsonAnswer(geminiBody('', { candidates })));
    const asked: JsonValue = { role: 'user', content: 'One' };
    const first = await answerOf(MESSAGES, messageRequest('One', { model: 'claude-haiku-4-5', max_tokens: 99 }));
    expect(JSON.stringify(first['content'])).toMatch(/"signature":"".*google-gemini-v1/);

    claude.respondWith(jsonAnswer(messageBody('Two.')));
    const assistant: JsonValue = { role: 'assistant', content: [THOUGHTS, ...(first['content'] as JsonValue[])] };
    const messages = [asked, assistant, { role: 'user', content: 'Two' }];
    await answerOf(MESSAGES, { model: 'claude-haiku-4-5', max_tokens: 99, messages });
    // What Claude has sealed itself stays.
    expect(bodyAt(claude)['messages']).toEqual([
      asked,
      { role: 'assistant', content: [THOUGHTS, { type: 'text', text: 'Hello.' }] },
      { role: 'user', content: 'Two' },
    ]);
  });

  it('goes on with Gemini, without Claude’s signatures', async () => {
    gemini.respondWith(down);
    const content = [THOUGHTS, { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} }];
    claude.respondWith(jsonAnswer(messageBody('', { content, stop_reason: 'tool_use' })));
    const tools = [{ functionDeclarations: [{ name: 'weather', parameters: { type: 'OBJECT' } }] }];
    const first = await answerOf(GENERATE, { ...geminiRequest('One'), tools });
    const [{ content: said }] = first['candidates'] as [{ content: { parts: JsonObject[] } }];
    const mark = Buffer.from('anthropic-claude').toString('base64').slice(0, 20);
    expect(JSON.stringify(said)).toContain(mark);

    gemini.respondWith(jsonAnswer(geminiBody('Two.')));
    const result = { functionResponse: { name: 'weather', response: { output: 'sunny' } } };
    const contents = [{ role: 'user', parts: [{ text: 'One' }] }, said, { role: 'user', parts: [result] }];
    await answerOf(GENERATE, { contents, tools });
    const sent = JSON.stringify(bodyAt(gemini)['contents']);
    expect(sent).toContain('"functionCall"');
    expect(sent).not.toContain(mark);
  });

  it('goes on with OpenAI, without what Claude has sealed', async () => {
    openai.respondWith(down);
    claude.respondWith(jsonAnswer(messageBody('', { content: [THOUGHTS, { type: 'text', text: 'Hello.' }] })));
    const first = await answerOf('/v1/responses', responseRequest('One', { model: 'gpt-5' }));
    const output = first['output'] as JsonValue[];
    expect(JSON.stringify(output)).toContain('isartor.v1.');

    openai.respondWith(jsonAnswer(responseBody('Two.')));
    const own = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAB' };
    const input = [{ role: 'user', content: 'One' }, own, ...output, { role: 'user', content: 'Two' }];
    await answerOf('/v1/responses', { model: 'gpt-5', store: false, input });
    const sent = JSON.stringify(bodyAt(openai)['input']);
    expect(sent).not.toContain('isartor.v1.');
    expect(sent).toMatch(/gAAAAB.*Hello\./);
  });
});

it('a request without any is passed on byte for byte', async () => {
  claude.respondWith(jsonAnswer(messageBody('Said.')));
  const text = `{ "model":"claude-haiku-4-5", "max_tokens":9,"messages":[{"role":"user","content":"a \\"signature\\" of 1.0"}]}`;
  const response = await core.post(MESSAGES, text);
  expect(response.status).toBe(200);
  expect(Buffer.from(claude.requests.at(-1)?.body ?? []).toString()).toBe(text);
});
