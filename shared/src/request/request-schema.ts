import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { isJsonArray, isJsonObject } from '../json/json-value.ts';
import { anthropicFault } from '../dialects/anthropic/request-fault.ts';
import { geminiFault } from '../dialects/gemini/request-fault.ts';
import { inputFault } from '../dialects/responses/request-fault.ts';
import type { Operation } from '../operation.ts';
import { messagesFault } from './messages-fault.ts';
import { isString, modelFault, optional, type Check, type SchemaFault } from './schema-fault.ts';

/**
 * What Isartor itself reads of a request must have the right shape; everything else passes as it came, unknown fields
 * too, and is the provider's to judge. Hand-written: a schema library costs more than the whole cache key.
 */
export const REQUEST_CHECKS: Readonly<Record<Operation, Check>> = {
  'openai.chat': (body) => commonFault(body) ?? messagesFault(body['messages']),
  'openai.completions': (body) => commonFault(body) ?? tokensOrTextFault('prompt', body['prompt'], true),
  'openai.responses': (body) => commonFault(body) ?? inputFault(body),
  'openai.embeddings': (body) => modelFault(body) ?? tokensOrTextFault('input', body['input'], false),
  'gemini.generate': geminiFault,
  'anthropic.messages': anthropicFault,
  'anthropic.count_tokens': anthropicFault,
  'native.chat': (body) => commonFault(body) ?? nativeFault(body),
};

function commonFault(body: JsonObject): SchemaFault | undefined {
  return (
    modelFault(body) ??
    optional(body, 'stream', (value) => typeof value === 'boolean', 'true or false') ??
    optional(body, 'n', (value) => Number.isInteger(value) && Number(value) >= 1, 'a whole number from 1 on') ??
    optional(body, 'temperature', (value) => typeof value === 'number', 'a number') ??
    toolsFault(body['tools'])
  );
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

function isToken(value: JsonValue): boolean {
  return Number.isInteger(value);
}

function isTokens(value: JsonValue): boolean {
  return isJsonArray(value) && value.length > 0 && value.every(isToken);
}
