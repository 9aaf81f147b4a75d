import { describe, expect, test } from 'vitest';
import { GatewayError } from '../error/gateway-error.ts';
import { readCredential } from './read-credential.ts';

function read(headers: Record<string, string>, queryKey?: string): string {
  return readCredential((name) => headers[name], queryKey);
}

/** The code of the GatewayError that a request earns. */
function refusal(headers: Record<string, string>, queryKey?: string): string {
  try {
    read(headers, queryKey);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    for (const value of [...Object.values(headers), queryKey ?? '']) {
      if (value.includes('secret')) expect(error.message).not.toContain(value);
    }
    return error.code;
  }
  throw new Error('the request was let pass');
}

describe('the credential of a request', () => {
  test.each<[string, Record<string, string>, string?]>([
    ['Authorization: Bearer', { authorization: 'Bearer secret-1' }],
    ['authorization in any case', { authorization: 'bearer secret-1' }],
    ['authorization with more space', { authorization: 'Bearer   secret-1 ' }],
    ['X-API-Key', { 'x-api-key': 'secret-1' }],
    ['api-key', { 'api-key': 'secret-1' }],
    ['x-goog-api-key', { 'x-goog-api-key': 'secret-1' }],
    ['?key=', {}, 'secret-1'],
    ['the same in two headers', { authorization: 'Bearer secret-1', 'x-api-key': 'secret-1' }],
    [
      'the same in all places',
      {
        authorization: 'Bearer secret-1',
        'x-api-key': 'secret-1',
        'api-key': 'secret-1',
        'x-goog-api-key': 'secret-1',
      },
      'secret-1',
    ],
    ['a header beside an empty one', { authorization: 'Bearer ', 'x-api-key': 'secret-1' }],
    ['a header beside another scheme', { authorization: 'Basic dTpw', 'x-api-key': 'secret-1' }],
  ])('%s', (_where, headers, queryKey) => {
    expect(read(headers, queryKey)).toBe('secret-1');
  });

  test.each<[string, Record<string, string>, string?]>([
    ['none', {}],
    ['an empty bearer', { authorization: 'Bearer ' }],
    ['a bare key', { authorization: 'secret-1' }],
    ['another scheme', { authorization: 'Basic secret-1' }],
    ['an empty header', { 'x-api-key': '' }],
    ['blanks', { 'x-api-key': '  ' }],
    ['an empty query key', {}, ''],
    ['a header that is none of the four', { 'x-auth-token': 'secret-1' }],
  ])('%s is a 401', (_what, headers, queryKey) => {
    expect(refusal(headers, queryKey)).toBe('invalid_api_key');
  });

  test.each<[Record<string, string>, string?]>([
    [{ authorization: 'Bearer secret-1', 'x-api-key': 'secret-2' }],
    [{ 'x-api-key': 'secret-1', 'api-key': 'secret-2' }],
    [{ 'api-key': 'secret-1', 'x-goog-api-key': 'secret-2' }],
    [{ 'x-goog-api-key': 'secret-1' }, 'secret-2'],
    [{ authorization: 'Bearer secret-1' }, 'SECRET-1'],
    [{ authorization: 'Bearer secret-1', 'x-api-key': 'secret-1', 'api-key': 'secret-2' }],
  ])('two that differ are a 401 of their own: %j %s', (headers, queryKey) => {
    expect(refusal(headers, queryKey)).toBe('conflicting_credentials');
  });
});
