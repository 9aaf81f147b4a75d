import type { JsonObject } from '@isartor/shared';
import { chatRequest, nativeRequest } from '@isartor/shared/testing';
import { describe, expect, test } from 'vitest';
import { unhonoured } from './unhonoured.ts';

const of = (body: JsonObject, contextTokens?: number, ignores: readonly string[] = []) =>
  unhonoured(body, contextTokens, new Set(ignores));
const withMessage = (message: JsonObject): JsonObject => chatRequest('x', { messages: [message] });

describe('a request that a small model’s server can honour', () => {
  test.each<[string, JsonObject]>([
    ['nothing special', {}],
    ['sampling', { temperature: 0.2, top_p: 0.9, seed: 7, stop: ['\n'], presence_penalty: 0, frequency_penalty: 1 }],
    ['bounds', { max_tokens: 16, max_completion_tokens: 16 }],
    ['a stream', { stream: true, stream_options: { include_usage: true } }],
    ['what SDKs set to nothing', { tools: null, response_format: null, logprobs: null, n: null, store: null }],
    ['no tools at all', { tools: [], tool_choice: 'none', parallel_tool_calls: true }],
    ['what is so anyway', { n: 1, logprobs: false, store: false, response_format: { type: 'text' } }],
    ['who asks', { user: 'u', metadata: { a: 'b' }, safety_identifier: 's', prompt_cache_key: 'k' }],
  ])('with %s', (_, overrides) => {
    expect(of(chatRequest('Hello', overrides), 4096)).toBeUndefined();
  });

  test('in text parts, and over several turns', () => {
    const turns = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
      { role: 'assistant', content: 'Hello!' },
      { role: 'user', content: 'And now?' },
    ];
    expect(of(chatRequest('x', { messages: turns }))).toBeUndefined();
  });

  test('in the native form', () => {
    expect(of(nativeRequest('Hello'), 4096)).toBeUndefined();
  });
});

test.each<[string, JsonObject, string]>([
  ['tools', chatRequest('x', { tools: [{ type: 'function', function: { name: 'f' } }] }), 'tools'],
  ['functions', chatRequest('x', { functions: [{ name: 'f' }] }), 'tools'],
  ['a tool that must be called', chatRequest('x', { tool_choice: 'required' }), 'tools'],
  ['a tool’s result', withMessage({ role: 'tool', content: '1', tool_call_id: 'c' }), 'role'],
  ['a call that was made', withMessage({ role: 'assistant', content: 'x', tool_calls: [] }), 'tools'],
  ['a developer’s message', withMessage({ role: 'developer', content: 'x' }), 'role'],
  ['an image', withMessage({ role: 'user', content: [{ type: 'image_url', image_url: { url: 'u' } }] }), 'content'],
  ['audio', withMessage({ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }), 'content'],
  ['no content', withMessage({ role: 'user' }), 'content'],
  ['a schema', chatRequest('x', { response_format: { type: 'json_schema', json_schema: {} } }), 'response-format'],
  ['JSON', chatRequest('x', { response_format: { type: 'json_object' } }), 'response-format'],
  ['two choices', chatRequest('x', { n: 2 }), 'n'],
  ['log probabilities', chatRequest('x', { logprobs: true }), 'logprobs'],
  ['their number', chatRequest('x', { top_logprobs: 2 }), 'logprobs'],
  ['biases on another model’s tokens', chatRequest('x', { logit_bias: { '50256': -100 } }), 'field'],
  ['something to be stored', chatRequest('x', { store: true }), 'field'],
  ['a field nobody knows', chatRequest('x', { reasoning_effort: 'high' }), 'field'],
])('%s cannot be honoured', (_, body, why) => {
  expect(of(body)).toBe(why);
});

test('a field that the server would pass over in silence cannot be honoured', () => {
  expect(of(chatRequest('x', { max_completion_tokens: 4 }), undefined, ['max_completion_tokens'])).toBe('field');
});

test('what does not fit the context by a rough count of prompt and answer is not tried', () => {
  expect(of(chatRequest('x'.repeat(4 * 99)), 100)).toBeUndefined();
  expect(of(chatRequest('x'.repeat(4 * 101)), 100)).toBe('context');
  expect(of(chatRequest('x'.repeat(40), { max_tokens: 95 }), 100)).toBe('context');
  expect(of(nativeRequest('x'.repeat(4 * 101)), 100)).toBe('context');
  expect(of(chatRequest('x'.repeat(4 * 101)))).toBeUndefined();
});
