import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { canonicalJson } from '../json/canonical-json.ts';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../json/json-value.ts';
import { OPERATION_SPECS, OPERATIONS } from '../operation.ts';
import { cacheDigest } from './cache-digest.ts';
import { cacheEnvelope, type EnvelopeInput } from './cache-envelope.ts';

const sha256Hex = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
const plain: EnvelopeInput = {
  operation: 'openai.chat',
  pathParameters: {},
  header: () => undefined,
  session: undefined,
  body: { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
  shareUsers: false,
};
const digest = (input: Partial<EnvelopeInput>, tenant = 'default') =>
  cacheDigest(tenant, cacheEnvelope({ ...plain, ...input }), sha256Hex);
function asObject(value: JsonValue): JsonObject {
  if (!isJsonObject(value)) throw new TypeError('no object');
  return value;
}
const bodyDigest = (body: JsonObject) => digest({ body });

describe('the key leaves out', () => {
  const ignored = OPERATIONS.flatMap((operation) =>
    OPERATION_SPECS[operation].ignoredFields.map((field) => [operation, field] as const),
  );
  test.each(ignored)('for %s the field %s', (operation, field) => {
    const body = { ...plain.body, [field]: 'x' };
    expect(digest({ operation, body })).toBe(digest({ operation }));
  });

  test('exactly the fields of the design', () => {
    expect(ignored).toEqual([
      ['openai.chat', 'stream'],
      ['openai.chat', 'stream_options'],
      ['openai.chat', 'prompt_cache_key'],
      ['openai.completions', 'stream'],
      ['openai.completions', 'stream_options'],
      ['openai.completions', 'prompt_cache_key'],
      ['openai.responses', 'stream'],
      ['openai.embeddings', 'stream'],
      ['anthropic.messages', 'stream'],
      ['anthropic.count_tokens', 'stream'],
      ['native.chat', 'stream'],
    ]);
  });

  test.each(['user', 'safety_identifier', 'metadata'])('the field %s where users share, and only there', (field) => {
    const body = { ...plain.body, [field]: 'x' };
    expect(digest({ body, shareUsers: true })).toBe(digest({ shareUsers: true }));
    expect(digest({ body })).not.toBe(digest({}));
  });

  test('the order and spacing of a comma list in a header', () => {
    const beta = (value: string) => digest({ header: (name) => (name === 'openai-beta' ? value : undefined) });
    expect(beta('b=2, a=1')).toBe(beta('a=1,b=2'));
    expect(beta('b=2')).not.toBe(beta('a=1,b=2'));
    expect(beta('')).not.toBe(digest({}));
  });
});

describe('the key changes with', () => {
  test('the tenant', () => {
    expect(digest({}, 'a')).not.toBe(digest({}, 'b'));
  });

  test('the operation: one body sent to every operation shares no key', () => {
    expect(new Set(OPERATIONS.map((operation) => digest({ operation }))).size).toBe(OPERATIONS.length);
  });

  test('a path parameter, its name and its value', () => {
    const keys = [{}, { a: '1' }, { a: '2' }, { b: '1' }].map((pathParameters) => digest({ pathParameters }));
    expect(new Set(keys).size).toBe(4);
  });

  test('the session', () => {
    expect(
      new Set([digest({}), digest({ session: 'a' }), digest({ session: 'b' }), digest({ session: 'null' })]).size,
    ).toBe(4);
  });

  test('what stands where: no two parts can be swapped or run together', () => {
    const keys = [
      digest({ session: 'x' }, 'ab'),
      digest({ session: 'bx' }, 'a'),
      digest({ session: 'ab' }, 'x'),
      digest({ pathParameters: { session: 'x' } }, 'ab'),
    ];
    expect(new Set(keys).size).toBe(4);
  });

  test('a member __proto__, should one ever come this far', () => {
    const body = asObject(parseJson('{"__proto__":{"a":1}}'));
    expect(canonicalJson(cacheEnvelope({ ...plain, body }).at(-1) ?? null)).toBe('{"__proto__":{"a":1}}');
  });
});

describe('for every body the key', () => {
  const numRuns = inject('propertyRuns');
  const ignored: readonly string[] = OPERATION_SPECS['openai.chat'].ignoredFields;
  const name = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' })).filter((text) => !ignored.includes(text));
  const value = fc.jsonValue({ maxDepth: 3 }).map((made) => parseJson(JSON.stringify(made)));
  const object = fc.dictionary(name, value, { minKeys: 1, maxKeys: 20 }).map((made): JsonObject => ({ ...made }));

  /** The same value, its names in another order. */
  function reordered(of: JsonValue): JsonValue {
    if (Array.isArray(of)) return of.map(reordered);
    if (typeof of !== 'object' || of === null) return of;
    return Object.fromEntries(
      Object.entries(of)
        .toReversed()
        .map(([key, member]) => [key, reordered(member)]),
    );
  }

  test('does not change with the order of names or with white space', () => {
    fc.assert(
      fc.property(object, fc.constantFrom(0, 1, '\t'), (body, space) => {
        const other = parseJson(JSON.stringify(reordered(body), undefined, space));
        expect(bodyDigest(asObject(other))).toBe(bodyDigest(body));
      }),
      { numRuns },
    );
  });

  test('changes with any other value of any field', () => {
    fc.assert(
      fc.property(object, fc.nat(), value, (body, at, other) => {
        const names = Object.keys(body);
        const field = names[at % names.length] ?? '';
        fc.pre(canonicalJson(body[field] ?? null) !== canonicalJson(other));
        expect(
          bodyDigest(Object.fromEntries(Object.entries(body).map(([key, was]) => [key, key === field ? other : was]))),
        ).not.toBe(bodyDigest(body));
      }),
      { numRuns },
    );
  });

  test('changes with a field more or less', () => {
    fc.assert(
      fc.property(object, fc.nat(), (body, at) => {
        const names = Object.keys(body);
        const field = names[at % names.length] ?? '';
        const without = Object.fromEntries(Object.entries(body).filter(([key]) => key !== field));
        expect(bodyDigest(without)).not.toBe(bodyDigest(body));
      }),
      { numRuns },
    );
  });

  test('is one for two bodies only if their values are deeply equal', () => {
    fc.assert(
      fc.property(object, object, (a, b) => {
        let equal = true;
        try {
          expect(a).toStrictEqual(b);
        } catch {
          equal = false;
        }
        expect(bodyDigest(a) === bodyDigest(b)).toBe(equal);
      }),
      { numRuns },
    );
  });
});
