import fc from 'fast-check';
import { hasExactIntegers } from '../json/exact-integers.ts';
import type { JsonObject, JsonValue } from '../json/json-value.ts';

/** Names that mean something somewhere, and names that mean nothing. */
const name = fc.oneof(
  fc.string({ maxLength: 6 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'index',
    'id',
    'type',
    'text',
    'name',
    'usage',
    'error',
    'object',
    'delta',
  ),
);
export const text = fc.string({ unit: 'grapheme', maxLength: 12 });
export const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonValue>(null, true, false, '', 0),
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter(isExact),
    fc.array(tie('value'), { maxLength: 3 }),
    objectOf(tie('value')),
  ),
}));

/** A longer whole number is another one once it was read: what says one is not stored. */
function isExact(number: number): boolean {
  return hasExactIntegers(JSON.stringify(number));
}

export function objectOf(values: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject> {
  return fc.array(fc.tuple(name, values), { maxLength: 4 }).map((members) => Object.fromEntries(members));
}

/** Members of any name but those that mean something at this level. */
export function extras(...taken: readonly string[]): fc.Arbitrary<JsonObject> {
  return objectOf(value).map((all) => Object.fromEntries(Object.entries(all).filter(([key]) => !taken.includes(key))));
}

export function optional<T extends JsonValue>(key: string, values: fc.Arbitrary<T>): fc.Arbitrary<JsonObject> {
  return fc.option(values, { nil: undefined }).map((one) => (one === undefined ? {} : { [key]: one }));
}

export function merged(...parts: readonly fc.Arbitrary<JsonObject>[]): fc.Arbitrary<JsonObject> {
  return fc.tuple(...parts).map((all) => Object.fromEntries(all.flatMap((part) => Object.entries(part))));
}
