import { describe, expect, test } from 'vitest';
import type { Operation } from '../operation.ts';
import { parseRequest } from './parse-request.ts';

const utf8 = new TextEncoder();
const parse = (operation: Operation, body: unknown) =>
  parseRequest(operation, utf8.encode(typeof body === 'string' ? body : JSON.stringify(body)));

const user = { role: 'user', content: 'hi' };
const chat = { model: 'm', messages: [user] };

describe('a request is understood', () => {
  test('with its unknown fields, model and bytes', () => {
    const bytes = utf8.encode(
      '{"model":"m", "messages":[{"role":"user","content":"hi","x":1}],"vendor_field":{"a":[1]}}',
    );
    const request = parseRequest('openai.chat', bytes);
    expect(request.body['vendor_field']).toEqual({ a: [1] });
    expect(request.bytes).toBe(bytes);
    expect([request.operation, request.model, request.stream]).toEqual(['openai.chat', 'm', false]);
  });

  test.each<[string, Operation, object]>([
    ['a chat without a model', 'openai.chat', { messages: [user] }],
    [
      'a chat with null for what is not set',
      'openai.chat',
      { ...chat, model: null, stream: null, n: null, tools: null, temperature: null },
    ],
    [
      'a chat with parts',
      'openai.chat',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
    ],
    ['a chat with an empty list of parts', 'openai.chat', { messages: [{ role: 'user', content: [] }] }],
    ['a message without content', 'openai.chat', { messages: [user, { role: 'assistant', tool_calls: [] }] }],
    ['a message with content null', 'openai.chat', { messages: [{ role: 'assistant', content: null }] }],
    ['a role that a vendor made up', 'openai.chat', { messages: [{ role: 'critic', content: '' }] }],
    ['tools of any type', 'openai.chat', { ...chat, tools: [{ type: 'function' }, { type: 'mcp' }] }],
    ['an odd stream_options', 'openai.chat', { ...chat, stream_options: 7 }],
    ['a prompt', 'openai.completions', { prompt: '' }],
    ['a list of prompts', 'openai.completions', { prompt: ['a', 'b'] }],
    ['a prompt of tokens', 'openai.completions', { prompt: [1, 2] }],
    ['a list of prompts of tokens', 'openai.completions', { prompt: [[1], [2, 3]] }],
    ['an input', 'openai.embeddings', { input: 'a' }],
    ['a list of inputs', 'openai.embeddings', { input: ['a', ''] }],
    ['a native prompt', 'native.chat', { prompt: 'hi', model: 'm', temperature: 0.5, n: 1, stream: false, x: [] }],
  ])('%s', (_, operation, body) => {
    expect(parse(operation, body).body).toEqual(body);
  });

  test('as a stream when it asks for one and the operation streams', () => {
    expect(parse('openai.chat', { ...chat, stream: true }).stream).toBe(true);
    expect(parse('openai.completions', { prompt: 'a', stream: true }).stream).toBe(true);
    expect(parse('openai.chat', { ...chat, stream: false }).stream).toBe(false);
    expect(parse('openai.embeddings', { input: 'a', stream: true }).stream).toBe(false);
  });
});

describe('a request is refused', () => {
  test.each<[Operation, object, string]>([
    ['openai.chat', { ...chat, model: 7 }, 'model'],
    ['openai.chat', { ...chat, model: 'm'.repeat(257) }, 'model'],
    ['openai.chat', { ...chat, stream: 'true' }, 'stream'],
    ['openai.chat', { ...chat, n: 0 }, 'n'],
    ['openai.chat', { ...chat, n: 1.5 }, 'n'],
    ['openai.chat', { ...chat, n: '1' }, 'n'],
    ['openai.chat', { ...chat, temperature: '0' }, 'temperature'],
    ['openai.chat', { ...chat, tools: {} }, 'tools'],
    ['openai.chat', { ...chat, tools: [{ type: 'function' }, 'f'] }, 'tools[1]'],
    ['openai.chat', { ...chat, tools: [{}] }, 'tools[0].type'],
    ['openai.chat', { model: 'm' }, 'messages'],
    ['openai.chat', { messages: 'hi' }, 'messages'],
    ['openai.chat', { messages: [] }, 'messages'],
    ['openai.chat', { messages: [user, 'hi'] }, 'messages[1]'],
    ['openai.chat', { messages: [{ content: 'hi' }] }, 'messages[0].role'],
    ['openai.chat', { messages: [{ ...user, role: '' }] }, 'messages[0].role'],
    ['openai.chat', { messages: [user, user, { role: 'user', content: 7 }] }, 'messages[2].content'],
    ['openai.chat', { messages: [{ role: 'user', content: {} }] }, 'messages[0].content'],
    ['openai.chat', { messages: [{ role: 'user', content: ['hi'] }] }, 'messages[0].content[0]'],
    ['openai.chat', { messages: [{ role: 'user', content: [{ text: 'hi' }] }] }, 'messages[0].content[0].type'],
    ['openai.completions', { prompt: 'a', model: [] }, 'model'],
    ['openai.completions', {}, 'prompt'],
    ['openai.completions', { prompt: [] }, 'prompt'],
    ['openai.completions', { prompt: {} }, 'prompt'],
    ['openai.completions', { prompt: ['a', 1] }, 'prompt[1]'],
    ['openai.completions', { prompt: [1, 1.5] }, 'prompt[1]'],
    ['openai.completions', { prompt: [[1], []] }, 'prompt[1]'],
    ['openai.completions', { prompt: [[1], ['a']] }, 'prompt[1]'],
    ['openai.completions', { prompt: [null] }, 'prompt[0]'],
    ['openai.embeddings', { input: 'a', model: {} }, 'model'],
    ['openai.embeddings', { input: 'a', model: 'm'.repeat(257) }, 'model'],
    ['openai.embeddings', {}, 'input'],
    ['openai.embeddings', { input: '' }, 'input'],
    ['openai.embeddings', { input: [] }, 'input'],
    ['openai.responses', { input: 7 }, 'input'],
    ['openai.responses', { input: [{ role: 'user', content: 'a' }, 'b'] }, 'input[1]'],
    ['openai.responses', { input: 'a', tools: [{}] }, 'tools[0].type'],
    ['openai.responses', { input: 'a', stream: 'yes' }, 'stream'],
    ['gemini.generate', {}, 'contents'],
    ['gemini.generate', { contents: ['a'] }, 'contents[0]'],
    ['gemini.generate', { contents: [{ parts: ['a'] }] }, 'contents[0].parts'],
    ['gemini.generate', { contents: [{}], generationConfig: [] }, 'generationConfig'],
    ['gemini.generate', { contents: [{}], tools: {} }, 'tools'],
    ['anthropic.messages', { messages: [user], model: 7 }, 'model'],
    ['anthropic.messages', { messages: [user], model: 'm'.repeat(257) }, 'model'],
    ['anthropic.messages', { messages: [user], stream: 1 }, 'stream'],
    ['anthropic.messages', { messages: [user], temperature: '1' }, 'temperature'],
    ['anthropic.messages', { messages: [user], system: 7 }, 'system'],
    ['anthropic.messages', { messages: [user], system: ['Be short.'] }, 'system'],
    ['anthropic.messages', { messages: [user], tools: {} }, 'tools'],
    ['anthropic.messages', { messages: [user], tools: [{ name: 'f' }, 'g'] }, 'tools[1]'],
    ['anthropic.messages', { max_tokens: 1 }, 'messages'],
    ['anthropic.messages', { messages: [{ role: 'user', content: [{}] }] }, 'messages[0].content[0].type'],
    ['anthropic.count_tokens', { messages: [] }, 'messages'],
    ['native.chat', {}, 'prompt'],
    ['native.chat', { prompt: '' }, 'prompt'],
    ['native.chat', { prompt: ['hi'] }, 'prompt'],
    ['native.chat', { prompt: 'hi', model: 7 }, 'model'],
    ['native.chat', { prompt: 'hi', stream: true }, 'stream'],
    ['native.chat', { prompt: 'hi', messages: [] }, 'messages'],
    ['native.chat', { prompt: 'hi', n: 2 }, 'n'],
  ])('as %s with %j: it names %s', (operation, body, param) => {
    expect(() => parse(operation, body)).toThrow(
      expect.objectContaining({ code: 'invalid_request', status: 400, param }),
    );
    expect(() => parse(operation, body)).toThrow(param);
  });

  test.each(['[]', '"text"', 'null', '7'])('when its body is %s', (body) => {
    expect(() => parse('openai.chat', body)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  test.each(['', '{"messages":', '{"messages":[]} x', "{'messages':1}"])('as invalid JSON: %j', (body) => {
    expect(() => parse('openai.chat', body)).toThrow(expect.objectContaining({ code: 'invalid_json', status: 400 }));
  });

  test('by the byte scan before its JSON is parsed', () => {
    expect(() => parse('openai.chat', '{"messages":[],"messages":[')).toThrow(
      expect.objectContaining({ code: 'unsafe_json', status: 400 }),
    );
  });
});
