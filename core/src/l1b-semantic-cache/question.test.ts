import type { JsonObject, Operation } from '@isartor/shared';
import {
  chatRequest,
  completionRequest,
  embeddingRequest,
  messageRequest,
  nativeRequest,
} from '@isartor/shared/testing';
import { describe, expect, test } from 'vitest';
import { questionOf } from './question.ts';

function asked(operation: Operation, body: JsonObject) {
  return questionOf({ operation, body, bytes: new TextEncoder().encode(JSON.stringify(body)) });
}

const USER = { role: 'user', content: 'Why?' };
const CACHED = { type: 'text', text: 'Why?', cache_control: { type: 'ephemeral' } };
const SYSTEM = { role: 'system', content: 'Be short.' };

describe('a request with a question', () => {
  test.each<[string, Operation, JsonObject, JsonObject]>([
    ['chat', 'openai.chat', chatRequest('Why?'), { model: 'gpt-4o-mini', messages: [{ role: 'user', content: null }] }],
    [
      'chat with instructions',
      'openai.chat',
      { messages: [SYSTEM, { ...SYSTEM, role: 'developer' }, USER], seed: 1 },
      { messages: [SYSTEM, { ...SYSTEM, role: 'developer' }, { ...USER, content: null }], seed: 1 },
    ],
    [
      'chat in one text part',
      'openai.chat',
      { messages: [{ role: 'user', name: 'bob', content: [{ type: 'text', text: 'Why?' }] }], tools: [] },
      { messages: [{ role: 'user', name: 'bob', content: [{ type: 'text', text: null }] }], tools: [] },
    ],
    [
      'a message to Anthropic',
      'anthropic.messages',
      messageRequest('Why?'),
      { model: 'claude-haiku-4-5', max_tokens: 1024, messages: [{ role: 'user', content: null }] },
    ],
    [
      'a message in one text block, with the system in blocks',
      'anthropic.messages',
      { system: [{ type: 'text', text: 'Be short.' }], messages: [{ role: 'user', content: [CACHED] }], tools: [] },
      {
        system: [{ type: 'text', text: 'Be short.' }],
        messages: [{ role: 'user', content: [{ ...CACHED, text: null }] }],
        tools: [],
      },
    ],
    [
      'a response',
      'openai.responses',
      { model: 'm', input: 'Why?', instructions: 'Be short.' },
      { model: 'm', input: null, instructions: 'Be short.' },
    ],
    [
      'a response to a list',
      'openai.responses',
      { input: [SYSTEM, { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Why?' }] }] },
      { input: [SYSTEM, { type: 'message', role: 'user', content: [{ type: 'input_text', text: null }] }] },
    ],
    [
      "a question of Gemini's",
      'gemini.generate',
      {
        systemInstruction: { parts: [{ text: 'Be short.' }] },
        contents: [{ role: 'user', parts: [{ text: 'Why?' }] }],
      },
      { systemInstruction: { parts: [{ text: 'Be short.' }] }, contents: [{ role: 'user', parts: [{ text: null }] }] },
    ],
    ['completions', 'openai.completions', { prompt: 'Why?', suffix: 'x' }, { prompt: null, suffix: 'x' }],
    ['native', 'native.chat', nativeRequest('Why?'), { prompt: null }],
  ])('%s: the text is taken out, and nothing else', (_name, operation, body, rest) => {
    expect(asked(operation, body)).toEqual({ kind: 'question', text: 'Why?', rest });
  });
});

describe('a request without', () => {
  test.each<[string, Operation, JsonObject]>([
    ['operation', 'openai.embeddings', embeddingRequest()],
    ['tools', 'openai.responses', { input: 'Why?', tools: [{ type: 'function', name: 'f' }] }],
    ['multi-turn', 'openai.responses', { input: [USER, { role: 'assistant', content: 'So.' }, USER] }],
    ['multi-turn', 'openai.responses', { input: [{ type: 'function_call_output', call_id: 'c', output: '' }] }],
    ['multi-turn', 'openai.responses', {}],
    ['not-text', 'openai.responses', { input: [{ role: 'user', content: [{ type: 'input_image' }] }] }],
    ['tools', 'gemini.generate', { contents: [{ parts: [{ text: 'Why?' }] }], tools: [{ functionDeclarations: [] }] }],
    ['multi-turn', 'gemini.generate', { contents: [{ role: 'model', parts: [{ text: 'So.' }] }] }],
    ['multi-turn', 'gemini.generate', { contents: [{ parts: [{ text: 'a' }] }, { parts: [{ text: 'b' }] }] }],
    ['not-text', 'gemini.generate', { contents: [{ parts: [{ text: 'a' }, { text: 'b' }] }] }],
    ['not-text', 'gemini.generate', { contents: [{ parts: [{ inlineData: {} }] }] }],
    ['operation', 'anthropic.count_tokens', messageRequest()],
    ['tools', 'anthropic.messages', messageRequest('Why?', { tools: [{ name: 'f' }] })],
    ['tools', 'anthropic.messages', messageRequest('Why?', { mcp_servers: [{ type: 'url' }] })],
    ['multi-turn', 'anthropic.messages', { messages: [USER, { role: 'assistant', content: 'So' }] }],
    ['multi-turn', 'anthropic.messages', { messages: [{ role: 'assistant', content: 'So' }] }],
    ['multi-turn', 'anthropic.messages', { messages: [USER, USER] }],
    ['not-text', 'anthropic.messages', { messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] }],
    ['not-text', 'anthropic.messages', { messages: [{ role: 'user', content: [CACHED, CACHED] }] }],
    ['too-long', 'openai.chat', chatRequest('a'.repeat(70_000))],
    ['tools', 'openai.chat', chatRequest('Why?', { tools: [{ type: 'function', function: { name: 'f' } }] })],
    ['tools', 'openai.chat', chatRequest('Why?', { functions: [{ name: 'f' }] })],
    ['tools', 'native.chat', nativeRequest('Why?', { tools: [{ type: 'function' }] })],
    ['multi-turn', 'openai.chat', { messages: [USER, { role: 'assistant', content: 'So.' }, USER] }],
    ['multi-turn', 'openai.chat', { messages: [USER, USER] }],
    ['multi-turn', 'openai.chat', { messages: [USER, SYSTEM] }],
    ['multi-turn', 'openai.chat', { messages: [] }],
    ['not-text', 'openai.chat', { messages: [{ role: 'user', content: null }] }],
    ['not-text', 'openai.chat', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] }],
    [
      'not-text',
      'openai.chat',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
        ],
      },
    ],
    ['not-text', 'openai.completions', { prompt: ['a', 'b'] }],
    ['echo', 'openai.completions', completionRequest('Why?', { echo: true })],
  ])('%s (%s)', (why, operation, body) => {
    expect(asked(operation, body)).toEqual({ kind: 'none', why });
  });
});
