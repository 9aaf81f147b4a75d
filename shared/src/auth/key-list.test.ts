import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../json/json-value.ts';
import { KeyListError } from './key-list-error.ts';
import { gatewayKey, parseKeyList } from './key-list.ts';
import { encodeKeyRecord, parseKeyRecord } from './key-record.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const minimal = { tenant: 'acme', name: 'ci', sha256: A };

/** The message of the KeyListError that a list earns. */
function refusal(list: unknown): string {
  try {
    parseKeyList(typeof list === 'string' ? list : JSON.stringify(list));
  } catch (error) {
    expect(error).toBeInstanceOf(KeyListError);
    return error instanceof Error ? error.message : '';
  }
  throw new Error('the list was let pass');
}

describe('a list of keys', () => {
  test('a record needs tenant, name and digest, and may then use everything', () => {
    expect(parseKeyList(JSON.stringify([minimal]))).toEqual([
      { ...minimal, notAfter: undefined, cache: 'both', ttlSecs: undefined, layers: undefined },
    ]);
  });

  test('all members are read', () => {
    const full = { ...minimal, not_after: 1_800_000_000, cache: 'exact', ttl: 60, layers: ['l1a', 'l3'] };
    expect(parseKeyList(JSON.stringify([full]))).toEqual([
      { ...minimal, notAfter: 1_800_000_000_000, cache: 'exact', ttlSecs: 60, layers: ['l1a', 'l3'] },
    ]);
  });

  test('a digest in capitals is the same digest', () => {
    expect(parseKeyList(JSON.stringify([{ ...minimal, sha256: 'AB'.repeat(32) }]))[0]?.sha256).toBe('ab'.repeat(32));
  });

  test('a tenant may have several keys, and an empty list is a list', () => {
    expect(parseKeyList(JSON.stringify([minimal, { ...minimal, name: 'next', sha256: B }]))).toHaveLength(2);
    expect(parseKeyList('[]')).toEqual([]);
  });

  test.each<[string, unknown, number]>([
    ['unix seconds', 1_767_225_600, Date.UTC(2026, 0, 1)],
    ['an instant in UTC', '2026-01-01T12:00:00Z', Date.UTC(2026, 0, 1, 12)],
    ['an instant in a zone', '2026-01-01T12:00:00+02:00', Date.UTC(2026, 0, 1, 10)],
    ['a date, through the end of its day', '2026-12-31', Date.UTC(2027, 0, 1) - 1],
    ['a leap day', '2028-02-29', Date.UTC(2028, 2, 1) - 1],
  ])('not_after takes %s', (_what, not_after, expected) => {
    expect(parseKeyList(JSON.stringify([{ ...minimal, not_after }]))[0]?.notAfter).toBe(expected);
  });

  test.each<[string, unknown]>([
    ['milliseconds', 1_767_225_600_000],
    ['a negative number', -1],
    ['a day that is not in the calendar', '2026-02-30'],
    ['an instant on such a day', '2026-02-30T00:00:00Z'],
    ['an instant without a zone', '2026-01-01T12:00:00'],
    ['an hour that does not exist', '2026-01-01T25:00:00Z'],
    ['prose', 'next year'],
    ['a number as text', '1767225600'],
    ['null', null],
  ])('not_after refuses %s', (_what, not_after) => {
    expect(refusal([{ ...minimal, not_after }])).toMatch(/^\[0\]\.not_after must be an ISO 8601 date/);
  });

  test.each<[string, unknown, string]>([
    ['text that is not JSON', '[{', 'The list of keys must be JSON.'],
    ['an object', {}, 'The list of keys must be a JSON array of objects.'],
    ['null', null, 'The list of keys must be a JSON array of objects.'],
    ['a list of texts', ['sk-secret'], '[0] must be an object'],
    ['a list with null', [minimal, null], '[1] must be an object'],
    ['a list of lists', [[minimal]], '[0] must be an object'],
    ['no tenant', [minimal, { name: 'x', sha256: B }], '[1].tenant is missing'],
    ['a tenant in capitals', [minimal, { ...minimal, tenant: 'Acme' }], '[1].tenant must match [a-z0-9-]{1,64}'],
    ['an empty tenant', [{ ...minimal, tenant: '' }], '[0].tenant must match [a-z0-9-]{1,64}'],
    ['a tenant of 65 characters', [{ ...minimal, tenant: 'a'.repeat(65) }], '[0].tenant must match [a-z0-9-]{1,64}'],
    ['a tenant with a line break', [{ ...minimal, tenant: 'acme\n' }], '[0].tenant must match [a-z0-9-]{1,64}'],
    ['no name', [{ tenant: 'acme', sha256: A }], '[0].name is missing'],
    [
      'an unprintable name',
      [{ ...minimal, name: 'a\u001b[0m' }],
      '[0].name must be a text of 1 to 64 visible characters',
    ],
    ['no digest', [{ tenant: 'acme', name: 'ci' }], '[0].sha256 is missing'],
    ['a key instead of its digest', [{ ...minimal, sha256: 'sk-secret' }], '[0].sha256 must be 64 hexadecimal digits'],
    ['an unknown cache policy', [{ ...minimal, cache: 'on' }], '[0].cache must be one of off, exact, both'],
    ['a ttl of 0', [{ ...minimal, ttl: 0 }], '[0].ttl must be a whole number of seconds, at least 1'],
    ['a ttl as text', [{ ...minimal, ttl: '60' }], '[0].ttl must be a whole number of seconds, at least 1'],
    ['half a second', [{ ...minimal, ttl: 1.5 }], '[0].ttl must be a whole number of seconds, at least 1'],
    ['an unknown layer', [{ ...minimal, layers: ['l1a', 'l9'] }], '[0].layers[1] must be one of l0, l1a, l1b, l2, l3'],
    [
      'no layer at all',
      [{ ...minimal, layers: [] }],
      '[0].layers must be a list of at least one of l0, l1a, l1b, l2, l3',
    ],
    [
      'a member that is not known',
      [{ ...minimal, notAfter: 1 }],
      '[0].notAfter is not known here: a record has tenant, name, sha256, not_after, cache, ttl, layers',
    ],
    [
      'one key of two tenants',
      [minimal, { ...minimal, tenant: 'other', sha256: A.toUpperCase() }],
      '[1].sha256 is the key of two tenants, acme and other',
    ],
  ])('refuses %s and says where', (_what, list, message) => {
    expect(refusal(list)).toBe(message);
  });

  test('no refusal quotes a value, wherever a secret was put by mistake', () => {
    const secret = 'sk-proj-secret';
    const lists: unknown[] = [
      `["${secret}"`,
      secret,
      [secret],
      [{ [secret]: 1 }],
      ...Object.keys(minimal).map((name) => [{ ...minimal, [name]: `${secret}\n` }]),
      ...['not_after', 'cache', 'ttl', 'layers'].map((name) => [{ ...minimal, [name]: [secret] }]),
    ];
    for (const list of lists) expect(refusal(list)).not.toContain('secret');
  });
});

describe('a record by itself', () => {
  test('what is written is read back, from its text and from its value', () => {
    const [record] = parseKeyList(
      JSON.stringify([{ ...minimal, not_after: '2026-12-31', cache: 'off', ttl: 5, layers: ['l3'] }]),
    );
    if (record === undefined) throw new Error('no record');
    const text = encodeKeyRecord(record);
    expect(parseKeyRecord(text)).toEqual(record);
    expect(parseKeyRecord(parseJson(text))).toEqual(record);
  });

  test.each([undefined, null, '', '{', '[]', '"text"', 5])('%j is none', (value) => {
    expect(() => parseKeyRecord(value)).toThrow(KeyListError);
  });
});

describe('the gateway key', () => {
  test('belongs to tenant default and is kept by its digest alone', () => {
    const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');
    const record = gatewayKey('local-dev-key', sha256Hex);
    expect(record).toMatchObject({
      tenant: 'default',
      name: 'gateway',
      cache: 'both',
      sha256: sha256Hex('local-dev-key'),
    });
    expect(JSON.stringify(record)).not.toContain('local-dev-key');
  });
});
