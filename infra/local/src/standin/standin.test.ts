import { once } from 'node:events';
import type { Server } from 'node:http';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { portOf } from '../stack/port-of.ts';
import { createStandin } from './standin.ts';

const someText: unknown = expect.any(String);
const someNumber: unknown = expect.any(Number);
const someFlag: unknown = expect.any(Boolean);
const someUnit: unknown = expect.stringMatching(/celsius|fahrenheit/);

const model = 'gpt-4o-mini';
const messages: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'user', content: 'How do I rotate the webhook secret?' },
];
let server: Server;
let baseURL: string;
let client: OpenAI;

beforeAll(async () => {
  server = createStandin({ tokensPerSecond: 5000 }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseURL = `http://127.0.0.1:${portOf(server)}/v1`;
  client = new OpenAI({ baseURL, apiKey: 'any', maxRetries: 0 });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function bodyOf(path: string, body: unknown): Promise<string> {
  const answer = await fetch(baseURL + path, { method: 'POST', body: JSON.stringify(body) });
  return answer.text();
}

describe('a plain chat answer', () => {
  it('says that it is a stand-in, and repeats the topic', async () => {
    const { choices, usage } = await client.chat.completions.create({ model, messages });
    expect(choices[0]?.message.content).toMatch(/stand-in/i);
    expect(choices[0]?.message.content).toContain('rotate webhook secret');
    expect(choices[0]?.finish_reason).toBe('stop');
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    expect(usage?.completion_tokens).toBeGreaterThan(20);
  });

  it('is the same bytes for the same request, in whatever order its members come, and others for another', async () => {
    const first = await bodyOf('/chat/completions', { model, messages });
    expect(await bodyOf('/chat/completions', { messages, model })).toBe(first);
    expect(await bodyOf('/chat/completions', { model, messages, seed: 1 })).not.toBe(first);
  });

  it('echoes the asked model, and has a name of its own where none is asked', async () => {
    expect((await client.chat.completions.create({ model: 'claude-x', messages })).model).toBe('claude-x');
    expect(JSON.parse(await bodyOf('/chat/completions', { messages }))).toMatchObject({ model: 'isartor-standin' });
  });

  it('has as many choices as n says, each with words of its own', async () => {
    const { choices } = await client.chat.completions.create({ model, messages, n: 3 });
    expect(choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
    expect(new Set(choices.map((choice) => choice.message.content)).size).toBe(3);
  });

  it('ends at max_tokens with the reason length, and before a stop sequence with the reason stop', async () => {
    const cut = await client.chat.completions.create({ model, messages, max_completion_tokens: 5 });
    expect(cut.choices[0]?.finish_reason).toBe('length');
    expect(cut.usage?.completion_tokens).toBe(5);
    const stopped = await client.chat.completions.create({ model, messages, stop: ['.'] });
    expect(stopped.choices[0]?.finish_reason).toBe('stop');
    expect(stopped.choices[0]?.message.content).not.toContain('.');
  });

  it('accepts images, and counts them', async () => {
    const image = { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } };
    const content = [{ type: 'text' as const, text: 'What is this?' }, image];
    const { choices, usage } = await client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    expect(choices[0]?.message.content).toContain('one image');
    expect(usage?.prompt_tokens).toBeGreaterThan(85);
  });
});

describe('a streamed chat answer', () => {
  it('adds up to the plain one', async () => {
    const plain = await client.chat.completions.create({ model, messages });
    const streamed = await client.chat.completions.stream({ model, messages }).finalChatCompletion();
    expect(streamed.id).toBe(plain.id);
    expect(streamed.created).toBe(plain.created);
    expect(streamed.choices[0]?.message.content).toBe(plain.choices[0]?.message.content);
    expect(streamed.choices[0]?.finish_reason).toBe('stop');
  });

  it('comes token by token, with the usage in a last chunk where it is asked for', async () => {
    const stream_options = { include_usage: true };
    const stream = await client.chat.completions.create({ model, messages, stream: true, stream_options });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const { usage, choices } = chunks.at(-1) ?? {};
    expect(choices).toEqual([]);
    expect(chunks.filter((chunk) => chunk.choices[0]?.delta.content)).toHaveLength(usage?.completion_tokens ?? -1);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  it('keeps to the speed it was given', async () => {
    const slow = createStandin({ tokensPerSecond: 200 }).listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const url = `http://127.0.0.1:${portOf(slow)}/v1`;
    const began = performance.now();
    await new OpenAI({ baseURL: url, apiKey: 'any' }).chat.completions
      .stream({ model, messages, max_tokens: 20 })
      .finalChatCompletion();
    expect(performance.now() - began).toBeGreaterThan(95);
    slow.closeAllConnections();
    slow.close();
  });

  it('stops when the client goes', async () => {
    const slow = createStandin({ tokensPerSecond: 5 }).listen(0, '127.0.0.1');
    await once(slow, 'listening');
    const url = `http://127.0.0.1:${portOf(slow)}/v1`;
    const closed = new Promise<void>((resolve) =>
      slow.once('request', (_, response) => response.once('close', resolve)),
    );
    const stream = await new OpenAI({ baseURL: url, apiKey: 'any' }).chat.completions.create({
      model,
      messages,
      stream: true,
    });
    await stream[Symbol.asyncIterator]().next();
    stream.controller.abort();
    await closed;
    slow.close();
    await once(slow, 'close');
  });
});

const weather: OpenAI.ChatCompletionTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: {
        city: { type: 'string' },
        unit: { enum: ['celsius', 'fahrenheit'] },
        days: { type: 'integer', minimum: 1 },
      },
      required: ['city', 'unit'],
    },
  },
};

describe('tools', () => {
  it('are called when tool_choice demands it, with arguments that fit', async () => {
    for (const tool_choice of ['required', { type: 'function', function: { name: 'get_weather' } }] as const) {
      const { choices } = await client.chat.completions.create({ model, messages, tools: [weather], tool_choice });
      const call = choices[0]?.message.tool_calls?.[0];
      expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
      expect(call?.type === 'function' && call.function.name).toBe('get_weather');
      const parsed: unknown = JSON.parse(call?.type === 'function' ? call.function.arguments : '');
      expect(parsed).toEqual({
        city: someText,
        unit: someUnit,
        days: someNumber,
      });
    }
  });

  it('are called in a stream too, with the same arguments', async () => {
    const request = { model, messages, tools: [weather], tool_choice: 'required' as const };
    const plain = await client.chat.completions.create(request);
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    expect(streamed.choices[0]?.message.tool_calls?.[0]).toMatchObject(
      plain.choices[0]?.message.tool_calls?.[0] ?? { id: 'none' },
    );
    expect(streamed.choices[0]?.finish_reason).toBe('tool_calls');
  });

  it('left free are called when the prompt names one, and after the result it speaks', async () => {
    const asked: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Please get weather for Munich' }];
    const { choices } = await client.chat.completions.create({ model, messages: asked, tools: [weather] });
    const message = choices[0]?.message;
    expect(message?.tool_calls).toHaveLength(1);
    const tool_call_id = message?.tool_calls?.[0]?.id ?? '';
    const after = await client.chat.completions.create({
      model,
      messages: [...asked, ...(message ? [message] : []), { role: 'tool', tool_call_id, content: '21 °C' }],
      tools: [weather],
    });
    expect(after.choices[0]?.finish_reason).toBe('stop');
    const { choices: plain } = await client.chat.completions.create({ model, messages, tools: [weather] });
    expect(plain[0]?.finish_reason).toBe('stop');
  });
});

it('gives structured output that fits the schema', async () => {
  const schema = {
    type: 'object',
    properties: { steps: { type: 'array', items: { $ref: '#/$defs/step' }, minItems: 2 }, done: { type: 'boolean' } },
    required: ['steps', 'done'],
    $defs: { step: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] } },
  };
  const response_format = { type: 'json_schema' as const, json_schema: { name: 'plan', strict: true, schema } };
  const { choices } = await client.chat.completions.create({ model, messages, response_format });
  expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual({
    steps: [{ title: someText }, { title: someText }],
    done: someFlag,
  });
});

it('answers completions, plain and streamed', async () => {
  const plain = await client.completions.create({ model, prompt: ['one question', 'another question'], n: 2 });
  expect(plain.choices).toHaveLength(4);
  const stream = await client.completions.create({ model, prompt: 'one question', stream: true });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.text ?? '';
  expect(text).toContain('question');
});

describe('embeddings', () => {
  it('are unit vectors, the same by the client’s base64 and as floats', async () => {
    const input = ['reset my password', 'change my password', 'ship to Norway'];
    const floats = await client.embeddings.create({ model, input, encoding_format: 'float' });
    const coded = await client.embeddings.create({ model, input });
    const vectors = floats.data.map((one) => one.embedding);
    expect(coded.data.map((one) => one.embedding)).toEqual(vectors);
    const dot = (a = 0, b = 0): number =>
      (vectors[a] ?? []).reduce((sum, value, at) => sum + value * (vectors[b]?.[at] ?? 0), 0);
    expect(dot(0, 0)).toBeCloseTo(1, 5);
    expect(dot(0, 1)).toBeGreaterThan(dot(0, 2) + 0.2);
  });

  it('have the dimensions asked for', async () => {
    const { data } = await client.embeddings.create({ model, input: 'x', dimensions: 8, encoding_format: 'float' });
    expect(data[0]?.embedding).toHaveLength(8);
  });
});

it('lists its models and finds any', async () => {
  const list = await client.models.list();
  expect(list.data.map((one) => one.id)).toEqual(['isartor-standin']);
  expect((await client.models.retrieve('gpt-4o')).id).toBe('gpt-4o');
});

describe('refusals', () => {
  it.each([
    ['no messages', {}, 400, 'messages'],
    ['empty messages', { messages: [] }, 400, 'messages'],
    ['a message without a role', { messages: [{ content: 'x' }] }, 400, 'messages[0].role'],
    ['a message without content', { messages: [{ role: 'user' }] }, 400, 'messages[0].content'],
    ['no choices', { messages, n: 0 }, 400, 'n'],
    ['a required tool without tools', { messages, tool_choice: 'required' }, 400, 'tool_choice'],
    [
      'a schema that is missing',
      { messages, response_format: { type: 'json_schema' } },
      400,
      'response_format.json_schema',
    ],
  ])('name the field: %s', async (_name, body, status, param) => {
    const answer = await fetch(`${baseURL}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      error: { message: someText, type: 'invalid_request_error', param, code: null },
    });
  });

  it('have the classes of the official client', async () => {
    const missing = client.chat.completions.create({ model: 'missing-model', messages });
    await expect(missing).rejects.toThrow(OpenAI.NotFoundError);
    await expect(missing).rejects.toMatchObject({ code: 'model_not_found', param: 'model' });
    await expect(client.chat.completions.create({ model, messages: [] })).rejects.toThrow(OpenAI.BadRequestError);
  });

  it('cover bodies that are no JSON and paths that do not exist', async () => {
    expect((await fetch(`${baseURL}/chat/completions`, { method: 'POST', body: '{' })).status).toBe(400);
    expect((await fetch(`${baseURL}/nothing`)).status).toBe(404);
  });
});
