import { describe, expect, test } from 'vitest';
import { GatewayError } from './error/gateway-error.ts';
import type { Operation } from './operation.ts';
import { readQuery } from './query.ts';

function read(operation: Operation, query: string) {
  return readQuery(operation, new URLSearchParams(query));
}

/** The message of the GatewayError that a query earns. */
function refusal(operation: Operation, query: string): string {
  try {
    read(operation, query);
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: 'invalid_query', status: 400 });
    return error instanceof Error ? error.message : '';
  }
  throw new Error(`${query} was let pass`);
}

describe('the query allow-list', () => {
  test.each<[Operation, string, Record<string, string>, string]>([
    ['openai.chat', '', {}, ''],
    ['openai.chat', 'api-version=2024-10-21', { 'api-version': '2024-10-21' }, '?api-version=2024-10-21'],
    ['openai.completions', 'api-version=a%26b%3Dc', { 'api-version': 'a&b=c' }, '?api-version=a%26b%3Dc'],
    ['openai.embeddings', 'key=sk-secret&api-version=1', { 'api-version': '1' }, '?api-version=1'],
    ['openai.chat', 'key=sk-secret', {}, ''],
    ['native.chat', 'key=sk-secret', {}, ''],
    ['openai.responses', 'api-version=v1', { 'api-version': 'v1' }, '?api-version=v1'],
    ['gemini.generate', 'alt=sse&key=sk-secret', {}, '?alt=sse'],
    ['gemini.generate', 'alt=json', {}, '?alt=json'],
    ['anthropic.messages', 'beta=true', { beta: 'true' }, '?beta=true'],
    ['anthropic.count_tokens', 'beta=true&key=sk-secret', { beta: 'true' }, '?beta=true'],
  ])('%s ?%s passes what can change the answer, and never the key', (operation, query, envelope, upstream) => {
    expect(read(operation, query)).toEqual({ envelope, upstream, sse: query.includes('alt=sse') });
  });

  test.each<[Operation, string, string]>([
    ['openai.chat', 'alt=sse', '"alt"'],
    ['openai.chat', 'beta=true', '"beta"'],
    ['anthropic.messages', 'api-version=1', '"api-version"'],
    ['gemini.generate', 'alt=proto', '"alt"'],
    ['gemini.generate', '$alt=json', '"$alt"'],
    ['native.chat', 'api-version=1', '"api-version"'],
    ['openai.chat', 'API-VERSION=1', '"API-VERSION"'],
    ['openai.chat', 'constructor=1', '"constructor"'],
    ['openai.chat', 'api-version=1&api-version=1', '"api-version"'],
    ['openai.chat', 'key=a&key=b', '"key"'],
  ])('%s ?%s is refused by name', (operation, query, name) => {
    expect(refusal(operation, query)).toContain(name);
  });

  test('a refusal never quotes a value, nor a name of any length', () => {
    const message = refusal('openai.chat', `${'n'.repeat(5000)}=sk-secret`);
    expect(message).not.toContain('sk-secret');
    expect(message.length).toBeLessThan(200);
  });
});
