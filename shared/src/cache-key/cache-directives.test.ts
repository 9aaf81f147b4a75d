import { describe, expect, test } from 'vitest';
import { HEADER } from '../layer/headers.ts';
import { readCacheDirectives } from './cache-directives.ts';

const read = (headers: Record<string, string>) => readCacheDirectives((name) => headers[name]);
const nothing = {
  noCache: false,
  noStore: false,
  ttlSecs: undefined,
  bypass: new Set(),
  session: undefined,
  volatile: undefined,
};

describe('the cache headers of a request', () => {
  test.each<[string, Record<string, string>, object]>([
    ['nothing', {}, {}],
    ['not to read', { 'cache-control': 'no-cache' }, { noCache: true }],
    ['not to keep', { 'cache-control': 'no-store' }, { noStore: true }],
    [
      'both, in any case and beside others',
      { 'cache-control': 'max-age=0, No-Cache ,NO-STORE' },
      { noCache: true, noStore: true },
    ],
    ['nothing by words that only look alike', { 'cache-control': 'no-cache-please, xno-store, no-cache=1' }, {}],
    ['a TTL', { [HEADER.cacheTtl]: '60' }, { ttlSecs: 60 }],
    ['a TTL of none', { [HEADER.cacheTtl]: '0' }, { ttlSecs: 0 }],
    ['the longest TTL', { [HEADER.cacheTtl]: '999999999' }, { ttlSecs: 999_999_999 }],
    ['a layer to skip', { [HEADER.bypass]: 'l1b' }, { bypass: new Set(['l1b']) }],
    ['layers to skip', { [HEADER.bypass]: ' L2, l1a ,l2' }, { bypass: new Set(['l1a', 'l2']) }],
    ['no layer to skip', { [HEADER.bypass]: '' }, {}],
    ['a session', { [HEADER.sessionId]: 'a b/ü'.replace('ü', '~') }, { session: 'a b/~' }],
    ['the longest session', { [HEADER.sessionId]: 's'.repeat(256) }, { session: 's'.repeat(256) }],
    ['the shortest session', { [HEADER.sessionId]: 's' }, { session: 's' }],
    ['a question of the day', { [HEADER.volatile]: 'true' }, { volatile: true }],
    ['a question of all days', { [HEADER.volatile]: ' False' }, { volatile: false }],
  ])('say %s', (_, headers, said) => {
    expect(read(headers)).toEqual({ ...nothing, ...said });
  });

  test.each([
    [HEADER.cacheTtl, ''],
    [HEADER.cacheTtl, '-1'],
    [HEADER.cacheTtl, '1.5'],
    [HEADER.cacheTtl, '60s'],
    [HEADER.cacheTtl, '1e3'],
    [HEADER.cacheTtl, '1000000000'],
    [HEADER.cacheTtl, '60, 60'],
    [HEADER.bypass, 'l3'],
    [HEADER.bypass, 'l0'],
    [HEADER.bypass, 'all'],
    [HEADER.bypass, 'l1a,'],
    [HEADER.bypass, 'l1a l2'],
    [HEADER.sessionId, ''],
    [HEADER.sessionId, ' a'],
    [HEADER.sessionId, 'a '],
    [HEADER.sessionId, 'é'],
    [HEADER.sessionId, 'a\u007fb'],
    [HEADER.sessionId, 'a\tb'],
    [HEADER.sessionId, 's'.repeat(257)],
    [HEADER.volatile, ''],
    [HEADER.volatile, '1'],
    [HEADER.volatile, 'yes'],
    [HEADER.volatile, 'true, false'],
  ])('are refused when %s is %j', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(expect.objectContaining({ code: 'invalid_header', status: 400 }));
    expect(() => read({ [name]: value })).toThrow(name);
  });
});
