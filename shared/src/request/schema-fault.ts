import type { JsonObject, JsonValue } from '../json/json-value.ts';

/** What is wrong with a body, and where: a path such as `messages[2].content`. */
export interface SchemaFault {
  readonly param: string;
  readonly expected: string;
}

/** Finds the first fault of a body, or nothing. */
export type Check = (body: JsonObject) => SchemaFault | undefined;

/** `null` counts as absent: some SDKs send it for what was not set. */
export function optional(
  body: JsonObject,
  param: string,
  fits: (value: JsonValue) => boolean,
  expected: string,
): SchemaFault | undefined {
  const value = body[param] ?? null;
  return value === null || fits(value) ? undefined : { param, expected };
}

export function isString(value: JsonValue | undefined): value is string {
  return typeof value === 'string';
}

/** A longer one is no model's name, and names are kept: in counters, headers and log lines. */
const MAX_MODEL_NAME = 256;

/** The model of a request that names one. */
export function modelFault(body: JsonObject): SchemaFault | undefined {
  const isName = (value: JsonValue): boolean => isString(value) && value.length <= MAX_MODEL_NAME;
  return (
    optional(body, 'model', isString, 'a string') ??
    optional(body, 'model', isName, `a name of at most ${MAX_MODEL_NAME} characters`)
  );
}
