import Anthropic from '@anthropic-ai/sdk';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { GoogleGenAI } from '@google/genai';
import { HEADER, isJsonObject, type JsonObject, type JsonValue } from '@isartor/shared';
import {
  chatBody,
  chatStream,
  fakeUpstream,
  geminiBody,
  geminiStream,
  jsonAnswer,
  messageBody,
  messageStream,
  responseBody,
  responseStream,
  wellBehaved,
  type FakeAnswer,
  type FakeUpstream,
  type RecordedRequest,
} from '@isartor/shared/testing';
import { ChatAnthropic } from '@langchain/anthropic';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool as langChainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, Output, stepCountIs, streamText, tool, type LanguageModel } from 'ai';
import { tool as llamaTool } from '@llamaindex/core/tools';
import { OpenAI as LlamaOpenAI } from '@llamaindex/openai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startCore, TEST_KEY, type RunningCore } from '../support/start-core.ts';

// The recipes of the README: each client is given the gateway's address and key, and nothing else is changed.

const CITY = { city: 'Bonn' };
const WEATHER = 'sunny';
const ASKED = 'What is the weather in Bonn?';
const SAID = `It is ${WEATHER} in Bonn.`;
const CITY_SCHEMA = z.object({ city: z.string() });

let upstream: FakeUpstream;
let core: RunningCore;
let from = 0;

beforeAll(async () => {
  upstream = await fakeUpstream({ respond: answerTo });
  core = await startCore(upstream.url, {
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'openai', url: upstream.url, model: 'gpt-4o-mini', key: 'o' },
      { name: 'anthropic', url: upstream.url, model: 'claude-haiku-4-5', key: 'a', dialect: 'anthropic' },
      { name: 'gemini', url: `${upstream.origin}/v1beta`, model: 'gemini-2.5-flash', key: 'g', dialect: 'gemini' },
    ]),
  });
});
afterAll(async () => {
  await core.stop();
  await upstream.close();
});
beforeEach(() => {
  from = upstream.requests.length;
});

/** A provider that wants to know the weather first, where it may ask, and says it when it was told. */
function answerTo(request: RecordedRequest): FakeAnswer | undefined {
  if (request.method === 'GET') return wellBehaved(request);
  const asked = request.json();
  if (!isJsonObject(asked)) return undefined;
  const streams = asked['stream'] === true || request.path.endsWith(':streamGenerateContent');
  const isTold = new RegExp(`"(tool_result|tool|functionResponse|function_call_output)".*${WEATHER}`).test(
    JSON.stringify(asked),
  );
  if (!isTold && asked['tools'] === undefined) return wantsObject(asked) ? objectAnswer(streams) : wellBehaved(request);
  if (request.path.endsWith('/messages')) {
    const calls = {
      content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: CITY }],
      stop_reason: 'tool_use',
    };
    const body = messageBody(SAID, isTold ? {} : calls);
    return streams ? messageStream(body) : jsonAnswer(body);
  }
  if (request.path.endsWith('/responses')) {
    const call = {
      type: 'function_call',
      id: 'fc_1',
      call_id: 'call_1',
      name: 'weather',
      arguments: '{"city":"Bonn"}',
      status: 'completed',
    };
    const body = responseBody(SAID, isTold ? {} : { output: [call] });
    return streams ? responseStream(body) : jsonAnswer(body);
  }
  if (request.path.includes('enerateContent')) {
    const parts = isTold ? [{ text: SAID }] : [{ functionCall: { name: 'weather', args: CITY } }];
    const body = geminiBody('', {
      candidates: [{ content: { parts, role: 'model' }, finishReason: 'STOP', index: 0 }],
    });
    return streams ? geminiStream(body) : jsonAnswer(body);
  }
  const tool_calls = [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' } }];
  const message = { role: 'assistant', content: null, refusal: null, tool_calls };
  const choices: JsonValue = [{ index: 0, message, logprobs: null, finish_reason: 'tool_calls' }];
  const body = chatBody(SAID, isTold ? {} : { choices });
  return streams ? chatStream(body, { includeUsage: true }) : jsonAnswer(body);
}

function wantsObject(asked: JsonObject): boolean {
  return isJsonObject(asked['response_format']) && asked['response_format']['type'] === 'json_schema';
}

function objectAnswer(streams: boolean): FakeAnswer {
  const body = chatBody(JSON.stringify(CITY));
  return streams ? chatStream(body) : jsonAnswer(body);
}

/** How often providers were asked since the test began. */
function calls(): number {
  return upstream.requests.length - from;
}

const PARAMETERS = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

describe('the openai client', () => {
  const client = () => new OpenAI({ baseURL: `${core.origin}/v1`, apiKey: TEST_KEY });
  const model = 'gpt-4o-mini';

  it('chats, streams and is answered from the cache', async () => {
    const ask = { model, messages: [{ role: 'user' as const, content: 'openai' }] };
    const first = await client().chat.completions.create(ask);
    expect(first.choices[0]?.message.content).toBe('Answer to: openai');
    let text = '';
    for await (const chunk of await client().chat.completions.create({ ...ask, stream: true }))
      text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('Answer to: openai');
    expect(calls()).toBe(1);
  });

  it('runs tools to the end', async () => {
    const runner = client().chat.completions.runTools({
      model,
      messages: [{ role: 'user', content: ASKED }],
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            description: 'tells it',
            parameters: PARAMETERS,
            parse: JSON.parse,
            function: () => WEATHER,
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe(SAID);
    expect(calls()).toBe(2);
  });
});

describe('the Anthropic client', () => {
  const client = () => new Anthropic({ baseURL: core.origin, apiKey: TEST_KEY });
  const base = { model: 'claude-haiku-4-5', max_tokens: 64 };

  it('chats, streams and is answered from the cache', async () => {
    const ask = { ...base, messages: [{ role: 'user' as const, content: 'anthropic' }] };
    const first = await client().messages.create(ask);
    const streamed = await client().messages.stream(ask).finalMessage();
    expect(streamed.content).toEqual(first.content);
    expect(calls()).toBe(1);
  });

  it('runs a tool in two turns', async () => {
    const tools: Anthropic.Tool[] = [
      { name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
    ];
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: ASKED }];
    const first = await client().messages.create({ ...base, messages, tools });
    const use = first.content.find((block) => block.type === 'tool_use');
    expect(use?.input).toEqual(CITY);
    const result: Anthropic.ToolResultBlockParam = {
      type: 'tool_result',
      tool_use_id: use?.id ?? '',
      content: WEATHER,
    };
    const told: Anthropic.MessageParam[] = [
      ...messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result] },
    ];
    const second = await client().messages.create({ ...base, messages: told, tools });
    expect(second.content).toEqual([{ type: 'text', text: SAID }]);
    expect(calls()).toBe(2);
  });
});

describe('the Google GenAI client', () => {
  const client = () => new GoogleGenAI({ apiKey: TEST_KEY, httpOptions: { baseUrl: core.origin } });
  const model = 'gemini-2.5-flash';

  it('generates, streams and is answered from the cache', async () => {
    const ask = { model, contents: 'gemini' };
    const first = await client().models.generateContent(ask);
    let text = '';
    for await (const chunk of await client().models.generateContentStream(ask)) text += chunk.text ?? '';
    expect(text).toBe(first.text);
    expect(calls()).toBe(1);
  });

  it('runs a tool in two turns', async () => {
    const config = { tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: PARAMETERS }] }] };
    const chat = client().chats.create({ model, config });
    const first = await chat.sendMessage({ message: ASKED });
    expect(first.functionCalls?.[0]?.args).toEqual(CITY);
    const functionResponse = { name: 'weather', response: { output: WEATHER } };
    const second = await chat.sendMessage({ message: [{ functionResponse }] });
    expect(second.text).toBe(SAID);
    expect(calls()).toBe(2);
  });
});

const AI_SDK: readonly (readonly [name: string, make: () => LanguageModel])[] = [
  [
    '@ai-sdk/openai-compatible',
    () =>
      createOpenAICompatible({
        name: 'isartor',
        baseURL: `${core.origin}/v1`,
        apiKey: TEST_KEY,
        supportsStructuredOutputs: true,
      })('gpt-4o-mini'),
  ],
  ['@ai-sdk/openai (chat)', () => createOpenAI({ baseURL: `${core.origin}/v1`, apiKey: TEST_KEY }).chat('gpt-4o')],
  ['@ai-sdk/openai (responses)', () => createOpenAI({ baseURL: `${core.origin}/v1`, apiKey: TEST_KEY })('gpt-4o')],
  ['@ai-sdk/anthropic', () => createAnthropic({ baseURL: `${core.origin}/v1`, apiKey: TEST_KEY })('claude-haiku-4-5')],
];

describe.each(AI_SDK)('the AI SDK by %s', (name, make) => {
  it('generates, streams and is answered from the cache', async () => {
    const prompt = `asked by ${name}`;
    const first = await generateText({ model: make(), prompt });
    expect(first.text).toContain(prompt);
    const again = await generateText({ model: make(), prompt });
    expect(again.text).toBe(first.text);
    expect(again.response.headers?.[HEADER.layer]).toBe('l1a');
    expect(await streamText({ model: make(), prompt }).text).toBe(first.text);
    expect(calls()).toBe(1);
  });

  it.each([{ streams: false }, { streams: true }])('runs tools to the end ($streams)', async ({ streams }) => {
    const weather = tool({ description: 'tells it', inputSchema: CITY_SCHEMA, execute: () => WEATHER });
    const ask = { model: make(), prompt: `${ASKED} ${String(streams)}`, tools: { weather }, stopWhen: stepCountIs(3) };
    const text = streams ? await streamText(ask).text : (await generateText(ask)).text;
    expect(text).toBe(SAID);
    expect(calls()).toBe(2);
  });
});

it('the AI SDK gets an object of a schema', async () => {
  const [, make] = AI_SDK[0] ?? [];
  if (make === undefined) throw new TypeError('There is no such recipe.');
  const { output } = await generateText({
    model: make(),
    prompt: 'where?',
    output: Output.object({ schema: CITY_SCHEMA }),
  });
  expect(output).toEqual(CITY);
});

const LANG_CHAIN = [
  [
    '@langchain/openai',
    () => new ChatOpenAI({ model: 'gpt-4o-mini', apiKey: TEST_KEY, configuration: { baseURL: `${core.origin}/v1` } }),
  ],
  [
    '@langchain/anthropic',
    () => new ChatAnthropic({ model: 'claude-haiku-4-5', apiKey: TEST_KEY, anthropicApiUrl: core.origin }),
  ],
] as const;

describe.each(LANG_CHAIN)('LangChain.js by %s', (name, make) => {
  it('chats, streams and is answered from the cache', async () => {
    const question = `asked by ${name}`;
    const first = await make().invoke(question);
    expect(first.text).toContain(question);
    expect((await make().invoke(question)).text).toBe(first.text);
    let text = '';
    for await (const chunk of await make().stream(question)) text += chunk.text;
    expect(text).toBe(first.text);
    expect(calls()).toBe(1);
  });

  it('runs a tool in two turns', async () => {
    const weather = langChainTool(() => WEATHER, { name: 'weather', description: 'tells it', schema: CITY_SCHEMA });
    const model = make().bindTools([weather]);
    const asked = new HumanMessage(ASKED);
    const first = await model.invoke([asked]);
    const [call] = first.tool_calls ?? [];
    expect(call?.args).toEqual(CITY);
    const told = new ToolMessage({ content: WEATHER, tool_call_id: call?.id ?? '' });
    expect((await model.invoke([asked, first, told])).text).toBe(SAID);
    expect(calls()).toBe(2);
  });
});

describe('LlamaIndex.TS by @llamaindex/openai, which is maintained no longer', () => {
  const make = () => new LlamaOpenAI({ model: 'gpt-4o-mini', apiKey: TEST_KEY, baseURL: `${core.origin}/v1` });
  const ask = (content: string) => ({ messages: [{ role: 'user' as const, content }] });

  it('chats, streams and is answered from the cache', async () => {
    const question = 'asked by LlamaIndex';
    const first = await make().chat(ask(question));
    expect(first.message.content).toContain(question);
    expect((await make().chat(ask(question))).message.content).toBe(first.message.content);
    let text = '';
    for await (const chunk of await make().chat({ ...ask(question), stream: true })) text += chunk.delta;
    expect(text).toBe(first.message.content);
    expect(calls()).toBe(1);
  });

  it('runs a tool to the end', async () => {
    const weather = llamaTool({
      name: 'weather',
      description: 'tells it',
      parameters: CITY_SCHEMA,
      execute: () => WEATHER,
    });
    const { newMessages } = await make().exec({ ...ask(ASKED), tools: [weather] });
    const { message } = await make().chat({ messages: [...ask(ASKED).messages, ...newMessages], tools: [weather] });
    expect(message.content).toBe(SAID);
  });
});
