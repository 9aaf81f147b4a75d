import type { JsonObject } from '@isartor/shared';
import { chatBody, chatStream, fakeUpstream, jsonAnswer, type FakeUpstream } from '@isartor/shared/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

let upstream: FakeUpstream;
let core: RunningCore;
let client: OpenAI;

/** A server that has chat, but no responses. */
beforeAll(async () => {
  upstream = await fakeUpstream();
  core = await startCore(upstream.url, {
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'deepseek', preset: 'deepseek', url: upstream.url, model: 'deepseek-chat', key: 'sk' },
    ]),
    ISARTOR__L3__ROUTES: JSON.stringify([{ model: '*', to: [{ provider: 'deepseek', model: 'deepseek-chat' }] }]),
  });
  client = new OpenAI({ apiKey: TEST_KEY, baseURL: `${core.origin}/v1`, maxRetries: 0 });
});
afterAll(async () => {
  await core.stop();
  await upstream.close();
});

const WEATHER: OpenAI.Responses.FunctionTool = { type: 'function', name: 'weather', parameters: null, strict: null };

function called(args: string, finish_reason: string): JsonObject {
  const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: args } };
  const message = { role: 'assistant', content: null, tool_calls: [call] };
  return chatBody('', { choices: [{ index: 0, message, finish_reason }] });
}

it.each([
  ['', 'tool_calls', '{}', 'completed'],
  ['', 'length', '', 'incomplete'],
  ['{"city":"Bo', 'length', '{"city":"Bo', 'incomplete'],
])("a compatible server's call with %j that ended by %s is told by %j, %s", async (args, end, told, status) => {
  const body = called(args, end);
  for (const stream of [false, true]) {
    upstream.respondWith(stream ? chatStream(body, { includeUsage: true }) : jsonAnswer(body));
    const ask = { model: 'm', input: `${args} ${end} ${stream}`, tools: [WEATHER] };
    const { output, status: whole } = stream
      ? await client.responses.stream(ask).finalResponse()
      : await client.responses.create(ask);
    expect([whole, output]).toMatchObject([status, [{ type: 'function_call', arguments: told, status }]]);
  }
});
