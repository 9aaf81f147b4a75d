import { describe, expect, test } from 'vitest';
import { OPERATIONS, type Operation } from '../operation.ts';
import { upstreamHeaders } from './upstream-headers.ts';

const ANTHROPIC = ['anthropic.messages', 'anthropic.count_tokens'] as const;
const OPENAI = ['openai.chat', 'openai.completions', 'openai.responses', 'openai.embeddings'] as const;

describe('headers to a provider', () => {
  test.each<[string, readonly Operation[]]>([
    ['openai-beta', OPENAI],
    ['OpenAI-Beta', OPENAI],
    ['anthropic-version', ANTHROPIC],
    ['Anthropic-Beta', ANTHROPIC],
    ['anthropic-dangerous-direct-browser-access', []],
    ['user-agent', OPERATIONS],
    ['User-Agent', OPERATIONS],
    ['traceparent', OPERATIONS],
    ['x-stainless-lang', OPERATIONS],
    ['X-Stainless-Retry-Count', OPERATIONS],
    // Credentials of the caller.
    ['authorization', []],
    ['x-api-key', []],
    ['api-key', []],
    ['x-goog-api-key', []],
    ['cookie', []],
    ['proxy-authorization', []],
    ['openai-organization', []],
    ['openai-project', []],
    // Ours to set.
    ['host', []],
    ['content-length', []],
    ['content-type', []],
    ['accept', []],
    ['accept-encoding', []],
    ['expect', []],
    ['connection', []],
    ['transfer-encoding', []],
    ['te', []],
    ['upgrade', []],
    // Between the client and us.
    ['x-request-id', []],
    ['x-isartor-edge-auth', []],
    ['x-isartor-session-id', []],
    ['x-isartor-bypass', []],
    ['cache-control', []],
    ['if-none-match', []],
    ['origin', []],
    ['referer', []],
    ['x-forwarded-for', []],
    ['forwarded', []],
    ['cf-connecting-ip', []],
    ['tracestate', []],
    ['baggage', []],
    // Other dialects' own.
    // Look-alikes.
    ['x-stainless-', []],
    ['x-stainless', []],
    ['xx-stainless-lang', []],
    ['user-agent-2', []],
    ['x-anything', []],
  ])('%s', (name, operations) => {
    for (const operation of OPERATIONS) {
      const expected = operations.includes(operation) ? [[name.toLowerCase(), 'value']] : [];
      expect(upstreamHeaders(operation, [[name, 'value']])).toEqual(expected);
    }
  });

  test('order and repeated headers are kept', () => {
    const sent: [string, string][] = [
      ['openai-beta', 'a'],
      ['cookie', 'secret'],
      ['user-agent', 'sdk'],
      ['openai-beta', 'b'],
    ];
    expect(upstreamHeaders('openai.chat', sent)).toEqual([
      ['openai-beta', 'a'],
      ['user-agent', 'sdk'],
      ['openai-beta', 'b'],
    ]);
  });
});
