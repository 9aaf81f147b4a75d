import { ANONYMOUS, parseRequest, type JsonObject, type PathTarget } from '@isartor/shared';
import { geminiRequest } from '@isartor/shared/testing';
import { describe, expect, test } from 'vitest';
import { contextOf } from '../../test/support/chat-context.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { questionOf } from './question.ts';
import { semanticScope } from './semantic-scope.ts';

const BODY: JsonObject = {
  model: 'm',
  messages: [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'How do I reset my password?' },
  ],
};

function scopeOf(body: JsonObject, overrides: Partial<RequestContext> = {}): string {
  const context = { ...contextOf(body), ...overrides };
  const question = questionOf(context.request);
  if (question.kind === 'none') throw new TypeError(question.why);
  return semanticScope(context, question.rest);
}

function messages(system: string, user: string): JsonObject[] {
  return [
    { role: 'system', content: system },
    { role: 'user', content: user },
  ];
}

describe('requests of one scope', () => {
  test.each<[string, JsonObject]>([
    ['another question', { ...BODY, messages: messages('Be short.', 'I forgot my password, what now?') }],
    ['a stream', { ...BODY, stream: true, stream_options: { include_usage: true } }],
  ])('%s', (_name, body) => {
    expect(scopeOf(body)).toBe(scopeOf(BODY));
  });
});

describe('requests of different scopes', () => {
  test.each<[string, JsonObject]>([
    ['model', { ...BODY, model: 'n' }],
    ['system prompt', { ...BODY, messages: messages('Be long.', 'How do I reset my password?') }],
    ['temperature', { ...BODY, temperature: 0 }],
    ['an unknown field', { ...BODY, x: 1 }],
    ['user', { ...BODY, user: 'u1' }],
    ['metadata', { ...BODY, metadata: { a: 'b' } }],
    ['response format', { ...BODY, response_format: { type: 'json_object' } }],
  ])('%s', (_name, body) => {
    expect(scopeOf(body)).not.toBe(scopeOf(BODY));
  });

  test.each<[string, Partial<RequestContext>]>([
    ['tenant', { principal: { ...ANONYMOUS, tenant: 'other' } }],
    ['operation', { operation: 'native.chat' }],
    ['query', { upstreamQuery: '?api-version=2' }],
    ['answer header', { header: (name) => (name === 'openai-beta' ? 'x=1' : undefined) }],
    ['session', { directives: { ...contextOf(BODY).directives, session: 's' } }],
  ])('%s', (_name, overrides) => {
    expect(scopeOf(BODY, overrides)).not.toBe(scopeOf(BODY));
  });

  const operation = 'gemini.generate';
  const inPath = (target: PathTarget, text = 'How do I reset my password?'): string => {
    const bytes = new TextEncoder().encode(JSON.stringify(geminiRequest(text)));
    const request = parseRequest({ operation, target }, bytes);
    const question = questionOf(request);
    if (question.kind === 'none') throw new TypeError(question.why);
    return semanticScope({ ...contextOf(BODY), operation, request }, question.rest);
  };
  const TARGET: PathTarget = { version: 'v1', model: 'gemini-2.5-flash', method: 'generateContent' };

  test.each<[string, PathTarget]>([
    ['a model in the path', { ...TARGET, model: 'gemini-2.5-pro' }],
    ['a version of the API in the path', { ...TARGET, version: 'v1beta' }],
  ])('%s', (_name, target) => {
    expect(inPath(target)).not.toBe(inPath(TARGET));
    expect(inPath(TARGET, 'I forgot my password, what now?')).toBe(inPath(TARGET));
  });
});
