import { HEADER, type JsonObject } from '@isartor/shared';
import {
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  responseBody,
  responseStream,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

let upstream: FakeUpstream;
let core: RunningCore;
let openai: OpenAI;
let asked = 0;
let questions = 0;

beforeAll(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
  core = await startCore(upstream.url, { ISARTOR__L3__RETRY__MAX_CALLS: '1' });
  openai = new OpenAI({ baseURL: `${core.origin}/v1`, apiKey: TEST_KEY, maxRetries: 0 });
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
function newAsk(): { model: string; input: string } {
  questions += 1;
  return { model: 'gpt-4o-mini', input: `question ${questions}` };
}

const calls = (): number => upstream.requests.length - asked;
const TOOLS: OpenAI.Responses.FunctionTool[] = [
  { type: 'function', name: 'weather', strict: false, parameters: { type: 'object' } },
];
const REASONING: JsonObject = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'gAAAA' };
const CALL: JsonObject = {
  id: 'fc_1',
  type: 'function_call',
  status: 'completed',
  call_id: 'call_1',
  name: 'weather',
  arguments: '{"city":"Bonn"}',
};

describe('the official openai client, by responses', () => {
  it('gets a response, and again from the cache, by the same id', async () => {
    const ask = newAsk();
    const first = await openai.responses.create(ask);
    const { data, response } = await openai.responses.create(ask).withResponse();
    expect(first.output_text).toBe(`Answer to: question ${questions}`);
    expect(data).toEqual(first);
    expect(response.headers.get(HEADER.layer)).toBe('l1a');
    expect(response.headers.get(HEADER.cost)).toMatch(/^0;saved=0\.000\d+$/);
    expect(calls()).toBe(1);
  });

  it('streams, and accumulates from a replay what a plain call gives; nothing is added to its body', async () => {
    const ask = newAsk();
    const live = await openai.responses.stream(ask).finalResponse();
    expect(upstream.requests.at(-1)?.json()).toEqual({ ...ask, stream: true });
    const replayed = await openai.responses.stream(ask).finalResponse();
    const plain = await openai.responses.create(ask);
    expect(calls()).toBe(1);
    expect(replayed).toEqual(live);
    expect(plain).toMatchObject({ id: live.id, output_text: live.output_text, usage: live.usage });
  });

  it('calls a tool in a loop of two turns, with its sealed reasoning between', async () => {
    upstream.respondWith(responseStream(responseBody('', { output: [REASONING, CALL] })));
    const ask = { ...newAsk(), tools: TOOLS, store: false, include: ['reasoning.encrypted_content' as const] };
    const turn = await openai.responses.stream(ask).finalResponse();
    expect(turn.output).toMatchObject([REASONING, CALL]);
    expect((await openai.responses.create(ask)).output).toEqual([REASONING, CALL]);
    expect(calls()).toBe(1);
    for (const output of ['sunny', 'rain', 'sunny']) {
      upstream.respondWith(jsonAnswer(responseBody(`It is ${output}.`)));
      const input = [
        { role: 'user', content: ask.input },
        REASONING,
        CALL,
        { type: 'function_call_output', call_id: 'call_1', output },
      ];
      const answer = await core.post('/v1/responses', JSON.stringify({ ...ask, input }));
      expect(await answer.json()).toMatchObject({ output: [{ content: [{ text: `It is ${output}.` }] }] });
    }
    expect(calls()).toBe(3);
  });

  it('sends images, and two that differ in their image are two requests', async () => {
    const ask = newAsk();
    const withImage = (data: string) =>
      openai.responses.create({
        ...ask,
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: ask.input },
              { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${data}` },
            ],
          },
        ],
      });
    for (const data of ['AAAA', 'AAAA', 'BBBB']) await withImage(data);
    expect(calls()).toBe(2);
  });

  it('gets structured output', async () => {
    upstream.respondWith(jsonAnswer(responseBody('{"city":"Bonn"}')));
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    };
    const parsed = await openai.responses.parse({
      ...newAsk(),
      text: { format: { type: 'json_schema', name: 'place', strict: true, schema } },
    });
    expect(parsed.output_parsed).toEqual({ city: 'Bonn' });
  });

  it.each<[string, JsonObject]>([
    ['store', { store: true }],
    ['background', { background: true }],
    ['conversation', { conversation: 'conv_1' }],
    ['previous-response', { previous_response_id: 'resp_1' }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['hosted-tool', { tools: [{ type: 'web_search' }] }],
  ])('is never answered from the cache by the rule %s', async (why, members) => {
    const ask = { ...newAsk(), ...members };
    await core.post('/v1/responses', ask);
    const second = await core.post('/v1/responses', ask);
    expect(second.headers.get(HEADER.cache)).toBe(`bypass;why=${why}`);
    expect(calls()).toBe(2);
  });

  it('raises its own error classes', async () => {
    upstream.respondWith(errorAnswer(429, 'slow down', { 'retry-after': '1' }));
    await expect(openai.responses.create(newAsk())).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    upstream.respondWith(errorAnswer(400, 'no such thing'));
    await expect(openai.responses.create(newAsk())).rejects.toMatchObject({ status: 400 });
    upstream.respondWith(
      jsonAnswer(
        responseBody('', { status: 'failed', error: { code: 'server_error', message: 'It broke.' }, output: [] }),
      ),
    );
    await expect(openai.responses.create(newAsk())).rejects.toMatchObject({ status: 502 });
  });

  it('raises an error in the middle of a stream that breaks, and stores nothing of it', async () => {
    const ask = newAsk();
    upstream.respondWith({ kind: 'stream', steps: responseStream(responseBody('one')).steps.slice(0, 5), end: 'cut' });
    await expect(openai.responses.stream(ask).finalResponse()).rejects.toThrow('broke');
    upstream.respondWith(wellBehaved);
    expect((await openai.responses.create(ask)).status).toBe('completed');
    expect(calls()).toBe(2);
  });

  it('aborts, and the provider learns of it', async () => {
    upstream.respondWith({ kind: 'stall' });
    const controller = new AbortController();
    const call = openai.responses.create(newAsk(), { signal: controller.signal });
    const seen = await upstream.request(asked + 1);
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await seen.aborted;
  });
});
