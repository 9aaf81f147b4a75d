import { describe, expect, it } from 'vitest';
import { keyVerdict } from './key-verdict.ts';

const NOW = Date.parse('2026-03-01T00:00:00Z');
const openAi = (code: string | null, message: string, type = 'invalid_request_error') => ({
  error: { message, type, param: null, code },
});
const google = (reason: string, message = 'no') => ({
  error: { code: 400, message, status: 'INVALID_ARGUMENT', details: [{ '@type': 'ErrorInfo', reason }] },
});

function verdict(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const found = keyVerdict(status, headers, text, NOW);
  return found && [found.why, found.restMs / 1_000];
}

describe('what a refusal says about the key', () => {
  it.each([
    ['a rate limit', 429, openAi('rate_limit_exceeded', 'Rate limit reached'), {}, ['limited', 10]],
    ['its own word for how long', 429, '', { 'retry-after': '42' }, ['limited', 42]],
    ['a date', 429, '', { 'retry-after': 'Sun, 01 Mar 2026 00:01:00 GMT' }, ['limited', 60]],
    ['no more than a minute of a limit', 429, '', { 'retry-after': '999999' }, ['limited', 60]],
    ["Google's word for how long", 429, { error: { details: [{ retryDelay: '34.4s' }] } }, {}, ['limited', 34.4]],
    ['the same in a list', 429, [{ error: { details: [{ retryDelay: '2s' }] } }], {}, ['limited', 2]],
    ['no more than an hour of a quota', 402, '', { 'retry-after': '999999' }, ['quota', 3_600]],
    ["OpenAI's quota", 429, openAi('insufficient_quota', 'You exceeded'), {}, ['quota', 300]],
    ["DeepSeek's balance", 402, openAi('invalid_request_error', 'Insufficient Balance'), {}, ['quota', 300]],
    ["Anthropic's balance", 400, openAi(null, 'Your credit balance is too low to access'), {}, ['quota', 300]],
    ['no key of OpenAI', 401, openAi('invalid_api_key', 'Incorrect API key'), {}, ['revoked', 600]],
    ['no key of Anthropic', 401, { type: 'error', error: { type: 'authentication_error' } }, {}, ['revoked', 600]],
    ['no key of Gemini', 400, google('API_KEY_INVALID'), {}, ['revoked', 600]],
    ['a leaked key of Gemini', 403, google('x', 'Your API key was reported as leaked.'), {}, ['revoked', 600]],
  ] as const)('is %s', (_what, status, body, headers, expected) => {
    expect(verdict(status, body, headers)).toEqual(expected);
  });

  it.each([
    ['a model that the account may not use', 403, openAi('model_not_found', 'Project has no access to model')],
    ["Anthropic's permission", 403, { type: 'error', error: { type: 'permission_error', message: 'Your API key …' } }],
    [
      'what a good key may not do',
      401,
      openAi(null, 'You have insufficient permissions for this operation. Missing scopes'),
    ],
    ['a bad request', 400, openAi('invalid_value', 'Invalid value: "API_KEY_INVALID", API key not valid')],
    ['a request that is too large for any key', 429, openAi('rate_limit_exceeded', 'Request too large for gpt-4o')],
    ['no JSON', 403, '<html>API_KEY_INVALID</html>'],
    ['a server that is overloaded', 529, openAi('overloaded', 'Overloaded')],
    ['an answer', 200, openAi('invalid_api_key', 'no')],
    ['a server that is down', 503, ''],
  ] as const)('is nothing where it is %s', (_what, status, body) => {
    expect(verdict(status, body)).toBeUndefined();
  });
});
