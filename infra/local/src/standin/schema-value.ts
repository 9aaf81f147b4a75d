import { isObject, type JsonObject } from './json.ts';
import type { Seeded } from './seeded.ts';

const DEEPEST = 6;
const WORDS = ['stand-in', 'sample', 'example', 'local', 'value', 'item'];
const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-15',
  time: '09:30:00Z',
  'date-time': '2026-01-15T09:30:00Z',
  email: 'stand-in@example.com',
  uri: 'https://example.com/stand-in',
  uuid: '00000000-0000-4000-8000-000000000001',
  ipv4: '192.0.2.1',
  hostname: 'example.com',
};

/**
 * A value that fits a JSON Schema of the kind used for tool arguments and structured output: types, enums, `$ref`,
 * unions, objects, arrays, bounds and formats. `pattern`, `not` and conditionals are not looked at.
 */
export function schemaValue(schema: unknown, from: Seeded): unknown {
  return valueFor(schema, schema, from, 0);
}

function valueFor(schema: unknown, root: unknown, from: Seeded, depth: number): unknown {
  if (!isObject(schema)) return 'stand-in';
  const resolved = resolve(schema, root);
  if ('const' in resolved) return resolved['const'];
  if (Array.isArray(resolved['enum'])) return from.pick(resolved['enum'] as unknown[]);
  const union = resolved['anyOf'] ?? resolved['oneOf'];
  if (Array.isArray(union)) return valueFor(fromUnion(union, root, depth), root, from, depth);
  switch (typeOf(resolved, depth)) {
    case 'object':
      return objectFor(resolved, root, from, depth);
    case 'array':
      return arrayFor(resolved, root, from, depth);
    case 'integer':
      return numberFor(resolved, from, 1);
    case 'number':
      return numberFor(resolved, from, 0.5);
    case 'boolean':
      return from.next() < 0.5;
    case 'null':
      return null;
    default:
      return stringFor(resolved, from);
  }
}

/** Follows `$ref` within the document and folds `allOf` in. */
function resolve(schema: JsonObject, root: unknown, seen = 0): JsonObject {
  const ref = schema['$ref'];
  if (typeof ref === 'string' && ref.startsWith('#') && seen < 20) {
    let target: unknown = root;
    for (const part of ref.slice(1).split('/').filter(Boolean)) {
      target = isObject(target) ? target[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined;
    }
    return isObject(target) ? resolve(target, root, seen + 1) : {};
  }
  const all = schema['allOf'];
  if (!Array.isArray(all)) return schema;
  let merged: JsonObject = { ...schema, allOf: undefined };
  for (const part of all.filter(isObject).map((one) => resolve(one, root, seen + 1))) {
    const properties = { ...object(merged['properties']), ...object(part['properties']) };
    const required = [...array(merged['required']), ...array(part['required'])];
    merged = { ...merged, ...part, properties, required };
  }
  return merged;
}

/** The first branch that is not null; deep down null, if it is allowed, so that recursion ends. */
function fromUnion(union: readonly unknown[], root: unknown, depth: number): unknown {
  const isNull = (one: unknown): boolean => isObject(one) && resolve(one, root)['type'] === 'null';
  const nulls = union.filter(isNull);
  if (depth >= DEEPEST && nulls.length > 0) return nulls[0];
  return union.find((one) => !isNull(one)) ?? union[0];
}

function typeOf(schema: JsonObject, depth: number): string {
  const type = schema['type'];
  if (Array.isArray(type)) {
    const names = type.filter((one) => typeof one === 'string');
    if (depth >= DEEPEST && names.includes('null')) return 'null';
    return names.find((one) => one !== 'null') ?? 'null';
  }
  if (typeof type === 'string') return type;
  if (schema['properties'] !== undefined) return 'object';
  return schema['items'] === undefined ? 'string' : 'array';
}

function objectFor(schema: JsonObject, root: unknown, from: Seeded, depth: number): JsonObject {
  const required = new Set(array(schema['required']));
  const members = Object.entries(object(schema['properties']));
  const wanted = depth >= DEEPEST ? members.filter(([name]) => required.has(name)) : members;
  if (depth > 4 * DEEPEST) return {};
  return Object.fromEntries(wanted.map(([name, one]) => [name, valueFor(one, root, from, depth + 1)]));
}

function arrayFor(schema: JsonObject, root: unknown, from: Seeded, depth: number): unknown[] {
  const least = whole(schema['minItems'], 0);
  const most = whole(schema['maxItems'], Math.max(least, 1));
  const count = depth >= DEEPEST ? least : Math.min(most, Math.max(least, 1));
  return Array.from({ length: count }, () => valueFor(schema['items'], root, from, depth + 1));
}

function stringFor(schema: JsonObject, from: Seeded): string {
  const format = schema['format'];
  if (typeof format === 'string' && FORMATS[format] !== undefined) return FORMATS[format];
  const least = whole(schema['minLength'], 0);
  const most = whole(schema['maxLength'], Number.MAX_SAFE_INTEGER);
  const word = from.pick(WORDS) ?? 'stand-in';
  return word.padEnd(least, ' stand-in').slice(0, most);
}

function numberFor(schema: JsonObject, from: Seeded, fallbackStep: number): number {
  const step = finite(schema['multipleOf']) ?? (fallbackStep === 1 ? 1 : undefined);
  const unit = step ?? fallbackStep;
  const above = finite(schema['exclusiveMinimum']);
  const under = finite(schema['exclusiveMaximum']);
  const low = Math.max(finite(schema['minimum']) ?? -Infinity, above ?? -Infinity);
  const high = Math.min(finite(schema['maximum']) ?? Infinity, under ?? Infinity);
  if (step === undefined && low > -Infinity && high < Infinity) return low === high ? low : (low + high) / 2;
  const start = low > -Infinity ? low : high < Infinity ? high - 10 * unit : unit;
  let value = Math.ceil(start / unit) * unit;
  if (above !== undefined && value <= above) value += unit;
  const next = value + from.below(10) * unit;
  return next < high || (next === high && under !== high) ? next : value;
}

const object = (value: unknown): JsonObject => (isObject(value) ? value : {});
const array = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;
const whole = (value: unknown, fallback: number): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : fallback;
