import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { constantTimeEqual } from './constant-time-equal.ts';
import { KeyListError } from './key-list-error.ts';
import { KeyRing } from './key-ring.ts';
import type { KeyRecord } from './key-record.ts';
import { ANONYMOUS, principalOf } from './principal.ts';

const numRuns = inject('propertyRuns');
const NOW = 1_800_000_000_000;
const digests = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''));

function record(sha256: string, changes: Partial<KeyRecord> = {}): KeyRecord {
  return {
    tenant: 'acme',
    name: 'ci',
    sha256,
    notAfter: undefined,
    cache: 'both',
    ttlSecs: undefined,
    layers: undefined,
    ...changes,
  };
}

describe('the key ring', () => {
  test('finds each key by its digest, and nothing by any other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(digests, { minLength: 1, maxLength: 20 }), digests, (known, other) => {
        const ring = new KeyRing(known.map((sha256) => record(sha256, { name: sha256 })));
        for (const sha256 of known) expect(ring.find(sha256, NOW)?.name).toBe(sha256);
        fc.pre(!known.includes(other));
        expect(ring.find(other, NOW)).toBeUndefined();
      }),
      { numRuns },
    );
  });

  test('a digest that differs in one digit, anywhere, is another', () => {
    const known = '0123456789abcdef'.repeat(4);
    const ring = new KeyRing([record(known)]);
    for (let at = 0; at < 64; at += 1) {
      const digit = known[at] === '0' ? '1' : '0';
      expect(ring.find(known.slice(0, at) + digit + known.slice(at + 1), NOW)).toBeUndefined();
    }
  });

  test.each(['', 'a'.repeat(63), 'a'.repeat(65), 'z'.repeat(64), `${'a'.repeat(64)}\n`])('%j is no digest', (text) => {
    expect(new KeyRing([record('a'.repeat(64))]).find(text, NOW)).toBeUndefined();
  });

  test('a key is good until its last moment, and not after', () => {
    const ring = new KeyRing([record('a'.repeat(64), { notAfter: NOW })]);
    expect(ring.find('a'.repeat(64), NOW)).toBeDefined();
    expect(ring.find('a'.repeat(64), NOW + 1)).toBeUndefined();
  });

  test('an empty ring knows nobody', () => {
    expect(new KeyRing([]).find('a'.repeat(64), NOW)).toBeUndefined();
  });

  test('refuses one key for two tenants', () => {
    const twice = [record('a'.repeat(64)), record('a'.repeat(64), { tenant: 'other' })];
    expect(() => new KeyRing(twice)).toThrow(KeyListError);
  });
});

/** Few letters, so that equal and nearly equal texts come up. */
const secrets = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '漢', '🙂'), maxLength: 6 });

describe('comparing secrets', () => {
  test('two texts are equal exactly when they are the same', () => {
    fc.assert(
      fc.property(secrets, secrets, (a, b) => {
        expect(constantTimeEqual(a, b)).toBe(a === b);
        expect(constantTimeEqual(a, a)).toBe(true);
        expect(constantTimeEqual(a, `${a}\0`)).toBe(false);
      }),
      { numRuns },
    );
  });

  test('differences do not cancel each other out', () => {
    expect(constantTimeEqual('ab', 'ba')).toBe(false);
    expect(constantTimeEqual('', '')).toBe(true);
    expect(constantTimeEqual('', 'a')).toBe(false);
  });
});

describe('principals', () => {
  test('a key makes its owner the principal, without the digest', () => {
    const owner = principalOf(record('a'.repeat(64), { cache: 'exact', ttlSecs: 5, layers: ['l3'] }));
    expect(owner).toEqual({ tenant: 'acme', keyName: 'ci', cache: 'exact', ttlSecs: 5, layers: ['l3'] });
  });

  test('without authentication everyone is tenant default', () => {
    expect(ANONYMOUS.tenant).toBe('default');
  });
});
