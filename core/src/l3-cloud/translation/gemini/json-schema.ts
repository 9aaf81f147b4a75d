import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@isartor/shared';
import { camelCase } from './proto-object.ts';

/** Members of Google's schemas that say how an answer is shown or counted by Google, and nothing of what it may be. */
const UNSAID: readonly string[] = ['nullable', 'propertyOrdering', 'example'];
/** Google writes its 64-bit numbers as texts. */
const NUMBERS: readonly string[] = ['minItems', 'maxItems', 'minProperties', 'maxProperties', 'minLength', 'maxLength'];

/**
 * A schema of Google's (`Schema`, a part of OpenAPI 3.0: `"type": "STRING"`, `"nullable": true`, names in either spelling)
 * as the JSON Schema that other providers take. https://ai.google.dev/api/caching#Schema
 */
export function jsonSchemaOf(given: JsonObject): JsonObject {
  const schema = Object.fromEntries(Object.entries(given).map(([name, value]) => [camelCase(name), value]));
  const members = Object.entries(schema).filter(([name]) => !UNSAID.includes(name));
  const plain = Object.fromEntries(members.map(([name, value]) => [name, memberOf(name, value)]));
  return schema['nullable'] === true ? orNull(plain) : plain;
}

function memberOf(name: string, value: JsonValue): JsonValue {
  if (name === 'type' && typeof value === 'string') return value.toLowerCase();
  if (NUMBERS.includes(name) && typeof value === 'string') return Number(value);
  if (name === 'items') return nested(value);
  if (name === 'anyOf' && isJsonArray(value)) return value.map(nested);
  if (name === 'properties' && isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([member, schema]) => [member, nested(schema)]));
  }
  return value;
}

function nested(value: JsonValue): JsonValue {
  return isJsonObject(value) ? jsonSchemaOf(value) : value;
}

/** Lets null in wherever the schema says what may come. */
function orNull(schema: JsonObject): JsonObject {
  const { type, enum: values, anyOf } = schema;
  return {
    ...schema,
    ...(typeof type === 'string' && { type: [type, 'null'] }),
    ...(isJsonArray(values) && { enum: [...values, null] }),
    ...(isJsonArray(anyOf) && { anyOf: [...anyOf, { type: 'null' }] }),
  };
}
