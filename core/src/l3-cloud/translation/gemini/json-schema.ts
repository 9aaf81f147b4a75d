import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@isartor/shared';

/** Members of Google's schemas that say how an answer is shown or counted by Google, and nothing of what it may be. */
const UNSAID: readonly string[] = ['nullable', 'propertyOrdering', 'property_ordering', 'example'];
/** Google writes its 64-bit numbers as texts. */
const NUMBERS: readonly string[] = ['minItems', 'maxItems', 'minProperties', 'maxProperties', 'minLength', 'maxLength'];

/**
 * A schema of Google's (`Schema`, a part of OpenAPI 3.0: `"type": "STRING"`, `"nullable": true`) as the JSON Schema that
 * other providers take. https://ai.google.dev/api/caching#Schema
 */
export function jsonSchemaOf(schema: JsonObject): JsonObject {
  const { type } = schema;
  const isNullable = schema['nullable'] === true;
  const named = typeof type === 'string' ? { type: typeOf(type, isNullable) } : {};
  const rest = Object.entries(schema).filter(([name]) => name !== 'type' && !UNSAID.includes(name));
  return { ...named, ...Object.fromEntries(rest.map(([name, value]) => [name, memberOf(name, value)])) };
}

function typeOf(type: string, isNullable: boolean): JsonValue {
  const name = type.toLowerCase();
  return isNullable ? [name, 'null'] : name;
}

function memberOf(name: string, value: JsonValue): JsonValue {
  if (NUMBERS.includes(name) && typeof value === 'string') return Number(value);
  if (name === 'items' && isJsonObject(value)) return jsonSchemaOf(value);
  if ((name === 'anyOf' || name === 'any_of') && isJsonArray(value)) return value.map(nested);
  if (name === 'properties' && isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([member, schema]) => [member, nested(schema)]));
  }
  return value;
}

function nested(value: JsonValue): JsonValue {
  return isJsonObject(value) ? jsonSchemaOf(value) : value;
}
