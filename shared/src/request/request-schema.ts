import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { isJsonArray, isJsonObject } from '../json/json-value.ts';
import type { Operation } from '../operation.ts';

/** What is wrong with a body, and where: a path such as `messages[2].content`. */
interface SchemaFault {
  readonly param: string;
  readonly expected: string;
}

/** Finds the first fault of a body, or nothing. */
type Check = (body: JsonObject) => SchemaFault | undefined;

/**
 * What Isartor itself reads of a request must have the right shape; everything else passes as it came, unknown fields
 * too, and is the provider's to judge. Hand-written: a schema library costs more than the whole cache key.
 */
export const REQUEST_CHECKS: Readonly<Record<Operation, Check>> = {
  'openai.chat': (body) => commonFault(body) ?? messagesFault(body['messages']),
  'openai.completions': (body) => commonFault(body) ?? tokensOrTextFault('prompt', body['prompt'], true),
  'openai.embeddings': (body) =>
    optional(body, 'model', isString, 'a string') ?? tokensOrTextFault('input', body['input'], false),
  'native.chat': (body) => commonFault(body) ?? nativeFault(body),
};

function commonFault(body: JsonObject): SchemaFault | undefined {
  return (
    optional(body, 'model', isString, 'a string') ??
    optional(body, 'stream', (value) => typeof value === 'boolean', 'true or false') ??
    optional(body, 'n', (value) => Number.isInteger(value) && Number(value) >= 1, 'a whole number from 1 on') ??
    optional(body, 'temperature', (value) => typeof value === 'number', 'a number') ??
    toolsFault(body['tools'])
  );
}

/** `null` counts as absent: some SDKs send it for what was not set. */
function optional(
  body: JsonObject,
  param: string,
  fits: (value: JsonValue) => boolean,
  expected: string,
): SchemaFault | undefined {
  const value = body[param] ?? null;
  return value === null || fits(value) ? undefined : { param, expected };
}

function toolsFault(tools: JsonValue | undefined): SchemaFault | undefined {
  if (tools === undefined || tools === null) return undefined;
  if (!isJsonArray(tools)) return { param: 'tools', expected: 'an array' };
  for (const [i, tool] of tools.entries()) {
    if (!isJsonObject(tool)) return { param: `tools[${i}]`, expected: 'an object' };
    if (!isString(tool['type'])) return { param: `tools[${i}].type`, expected: 'a string' };
  }
  return undefined;
}

function messagesFault(messages: JsonValue | undefined): SchemaFault | undefined {
  if (!isJsonArray(messages) || messages.length === 0) return { param: 'messages', expected: 'a non-empty array' };
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i];
    if (!isJsonObject(message)) return { param: `messages[${i}]`, expected: 'an object' };
    const role = message['role'];
    if (!isString(role) || role === '') return { param: `messages[${i}].role`, expected: 'a non-empty string' };
    const content = message['content'];
    if (isString(content) || content === undefined || content === null) continue;
    if (!isJsonArray(content)) return { param: `messages[${i}].content`, expected: 'a string or an array of parts' };
    for (let j = 0; j < content.length; j++) {
      const part = content[j];
      if (!isJsonObject(part)) return { param: `messages[${i}].content[${j}]`, expected: 'an object' };
      if (!isString(part['type'])) return { param: `messages[${i}].content[${j}].type`, expected: 'a string' };
    }
  }
  return undefined;
}

/** A prompt or an embedding's input: text, tokens, or a list of either. */
function tokensOrTextFault(param: string, value: JsonValue | undefined, mayBeEmpty: boolean): SchemaFault | undefined {
  if (isString(value) && (mayBeEmpty || value !== '')) return undefined;
  if (!isJsonArray(value) || value.length === 0) return { param, expected: 'a string or a non-empty array' };
  const first = value[0];
  const fits = isString(first) ? isString : typeof first === 'number' ? isToken : isTokens;
  const wrong = value.findIndex((item) => !fits(item));
  if (wrong < 0) return undefined;
  return { param: `${param}[${wrong}]`, expected: 'text or tokens like its neighbours' };
}

function nativeFault(body: JsonObject): SchemaFault | undefined {
  if (!isString(body['prompt']) || body['prompt'] === '') return { param: 'prompt', expected: 'a non-empty string' };
  if (body['stream'] === true) return { param: 'stream', expected: 'false or absent: this route does not stream' };
  if (body['messages'] !== undefined) {
    return { param: 'messages', expected: 'absent: send prompt here, or messages to /v1/chat/completions' };
  }
  if ((body['n'] ?? 1) !== 1) return { param: 'n', expected: '1 or absent: this route gives one answer' };
  return undefined;
}

function isString(value: JsonValue | undefined): value is string {
  return typeof value === 'string';
}

function isToken(value: JsonValue): boolean {
  return Number.isInteger(value);
}

function isTokens(value: JsonValue): boolean {
  return isJsonArray(value) && value.length > 0 && value.every(isToken);
}
