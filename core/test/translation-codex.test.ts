import type { JsonObject } from '@isartor/shared';
import { fakeUpstream, type FakeUpstream } from '@isartor/shared/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROVIDER_ANSWERS } from './support/provider-answers.ts';
import { startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

let upstream: FakeUpstream;
let core: RunningCore;

beforeAll(async () => {
  upstream = await fakeUpstream();
  core = await startCore(upstream.url, {
    ISARTOR__L3__RETRY__MAX_CALLS: '1',
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'anthropic', dialect: 'anthropic', url: upstream.url, model: 'claude-sonnet-4-5', key: 'sk' },
      { name: 'gemini', dialect: 'gemini', url: upstream.url, model: 'gemini-2.5-flash', key: 'sk' },
      // Has chat, but no responses.
      { name: 'deepseek', preset: 'deepseek', url: upstream.url, model: 'deepseek-chat', key: 'sk' },
    ]),
    ISARTOR__L3__ROUTES: JSON.stringify([
      { model: 'to-anthropic', to: [{ provider: 'anthropic', model: 'claude-sonnet-4-5' }] },
      { model: 'to-gemini', to: [{ provider: 'gemini', model: 'gemini-2.5-flash' }] },
      { model: 'to-openai', to: [{ provider: 'deepseek', model: 'gpt-5' }] },
      { model: 'to-compatible', to: [{ provider: 'deepseek', model: 'deepseek-chat' }] },
    ]),
  });
});
afterAll(async () => {
  await core.stop();
  await upstream.close();
});

/** What Codex asks first, with all the settings that it may have. */
const CODEX: JsonObject = {
  instructions: 'You are Codex.',
  input: [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: '<permissions>' }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'List the files.' }] },
  ],
  tools: [
    {
      type: 'function',
      name: 'exec_command',
      description: 'Runs a command.',
      strict: false,
      parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
    },
  ],
  tool_choice: 'auto',
  parallel_tool_calls: true,
  reasoning: { effort: 'medium', summary: 'none', context: 'all_turns' },
  store: true,
  include: ['reasoning.encrypted_content'],
  service_tier: 'priority',
  prompt_cache_key: 'k',
  text: { verbosity: 'low' },
  client_metadata: { 'x-codex-installation-id': 'a' },
  truncation: 'auto',
};

it.each([
  ['anthropic', 'anthropic', undefined],
  ['gemini', 'gemini', undefined],
  ['openai', 'openai', 'low'],
  ['compatible', 'openai', undefined],
])(
  'a request of Codex is put to %s: of its hints only OpenAI is told, and what it knows',
  async (name, dialect, verbosity) => {
    const answers = PROVIDER_ANSWERS.find((one) => one.dialect === dialect);
    upstream.respondWith((request) => answers?.text(request, 'a.txt') ?? { kind: 'refuse' });
    const reply = await core.post('/v1/responses', { ...CODEX, model: `to-${name}` });
    expect([reply.status, await reply.text()]).toEqual([200, expect.stringContaining('a.txt')]);
    const asked = upstream.requests.at(-1)?.json() as JsonObject;
    expect(asked['verbosity']).toBe(verbosity);
    expect(JSON.stringify(asked)).not.toMatch(/priority|codex-installation|prompt_cache/);
  },
);

describe.each([
  ['anthropic', 'anthropic'],
  ['gemini', 'gemini'],
  ['openai', 'openai'],
  ['compatible', 'openai'],
])("a tool of the official client's that takes a text, put to %s", (name, dialect) => {
  it.each([false, true])('is called with one, and told of it again, stream: %s', async (stream) => {
    const answers = PROVIDER_ANSWERS.find((one) => one.dialect === dialect);
    const patch = '*** Begin Patch\n*** Add File: "a.txt"\n+a\n*** End Patch';
    upstream.respondWith((request) => {
      const isFirst = !Buffer.from(request.body).toString().includes('Applied.');
      const answer = isFirst ? answers?.call(request, { input: patch }) : answers?.text(request, 'Done.');
      return answer ?? { kind: 'refuse' };
    });
    const client = new OpenAI({ apiKey: TEST_KEY, baseURL: `${core.origin}/v1`, maxRetries: 0 });
    const ask = (input: OpenAI.Responses.ResponseInput): Promise<OpenAI.Responses.Response> => {
      const format = { type: 'grammar', syntax: 'lark', definition: 'start: "***"' } as const;
      const tools: OpenAI.Responses.Tool[] = [{ type: 'custom', name: 'weather', description: 'Patches.', format }];
      const request = { model: `to-${name}`, input, tools, store: false };
      return stream ? client.responses.stream(request).finalResponse() : client.responses.create(request);
    };
    const question = { role: 'user', content: `Add a file, stream: ${stream}` } as const;
    const { output } = await ask([question]);
    const calls = output.filter((item) => item.type === 'custom_tool_call');
    expect(calls).toMatchObject([{ name: 'weather', input: patch, status: 'completed' }]);
    const offered = Buffer.from(upstream.requests.at(-1)?.body ?? []).toString();
    expect(offered).toContain(String.raw`Patches.\n\nThe input must match this Lark grammar:\nstart: \"***\"`);
    expect(offered).not.toContain('freeform');
    const said = output.filter((item) => item.type === 'custom_tool_call' || item.type === 'reasoning');
    const results = calls.map(({ call_id }) => ({
      type: 'custom_tool_call_output' as const,
      call_id,
      output: 'Applied.',
    }));
    expect((await ask([question, ...said, ...results])).output_text).toBe('Done.');
    const told = Buffer.from(upstream.requests.at(-1)?.body ?? []).toString();
    expect(told).toContain('Begin Patch');
    if (dialect === 'gemini') expect(told).toContain('c2lnbmVk');
  });
});
