import { hasExactIntegers, isJsonObject, parseJson, scanJson, type JsonObject, type JsonValue } from '@isartor/shared';
import { untranslatable } from './read-body.ts';

/**
 * The arguments of a call that a client tells of: the object that they are, or the text of those that are none. Throws
 * what a body of that kind would be refused with, and for a number that would lose digits, naming `param`.
 */
export function toolInput(text: string, param: string): JsonValue {
  if (text.trim() === '') return {};
  const value = parsedObject(text);
  if (value === undefined) return text;
  if (!hasExactIntegers(text)) throw untranslatable(param, 'holds a number with more digits than can be translated.');
  return value;
}

/** What a model called a tool with. What is no object is kept as a text, for the tool to refuse: it is the model's fault. */
export function calledWith(text: string): JsonObject {
  if (text.trim() === '') return {};
  try {
    return parsedObject(text) ?? { invalid_arguments: text };
  } catch {
    return { invalid_arguments: text };
  }
}

/** Whether the arguments of a call were written to their end: those of one that was cut off are no JSON. */
export function isWhole(text: string): boolean {
  try {
    return scanJson(new TextEncoder().encode(text)).syntaxErrorAt < 0;
  } catch {
    // Past the bounds of a request's body, which are not a model's.
    return true;
  }
}

/** Undefined: not JSON, or no object. Throws a GatewayError for JSON past the bounds of a request's body. */
function parsedObject(text: string): JsonObject | undefined {
  if (scanJson(new TextEncoder().encode(text)).syntaxErrorAt >= 0) return undefined;
  const value = parseJson(text);
  return isJsonObject(value) ? value : undefined;
}
