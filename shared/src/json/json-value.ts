/** A value that JSON can say. Objects and arrays are read-only: what a client or a provider sent is never changed in place. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object. A name that it does not have reads as `undefined`. */
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** Whether a JSON value (or an absent one) is an object: neither an array nor null. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isJsonArray(value);
}

/** Whether a JSON value (or an absent one) is an array. `Array.isArray` alone does not narrow to a read-only array. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Parses JSON text into a value of the type that JSON.parse really gives. Throws SyntaxError as it does. */
export function parseJson(text: string): JsonValue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JSON.parse gives a JSON value or throws
  return JSON.parse(text) as JsonValue;
}
