import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { isJsonArray, isJsonObject } from '../json/json-value.ts';
import { messageRule } from '../dialects/anthropic/message-rule.ts';
import { answerRule } from '../dialects/gemini/answer-rule.ts';
import { refuses, saysSomething } from '../dialects/openai/chat-message.ts';
import { vectorsRule } from '../dialects/openai/vectors-rule.ts';
import { responseRule } from '../dialects/responses/response-rule.ts';
import type { Operation } from '../operation.ts';

/** Why an answer is not stored. */
export const UNSTORABLE_RULES = [
  'status',
  'content-type',
  'too-large',
  'not-json',
  'error',
  'choices',
  'finish-reason',
  'refusal',
  'empty',
  'vectors',
  'tokens',
] as const;
export type UnstorableRule = (typeof UNSTORABLE_RULES)[number];

/** Longest body that is stored, in bytes. */
export const MAX_STORED_BYTES = 1_048_576;

/** An answer as the provider gave it; of a stream, the plain body that its events add up to. */
export interface JudgedAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  /** Undefined when the body does not parse whole. */
  readonly body: JsonValue | undefined;
  readonly byteLength: number;
}

/** Endings of an answer that said all it had to say. */
const FINISHED: readonly (JsonValue | undefined)[] = ['stop', 'tool_calls', 'function_call'];

/** JSON, or the events that added up to it. */
const STORED_TYPE = /^\s*(?:application\/json|text\/event-stream)\s*(?:;|$)/i;

/**
 * The rule that keeps an answer out of every cache, if there is one. What no rule lets in stays out: errors,
 * truncation, content filters, refusals, empty answers. A `native.chat` answer is judged as the chat answer it is made from.
 */
export function unstorableRule(
  operation: Operation,
  requestBody: JsonObject,
  answer: JudgedAnswer,
): UnstorableRule | undefined {
  const { status, contentType, body, byteLength } = answer;
  if (status !== 200) return 'status';
  if (contentType === undefined || !STORED_TYPE.test(contentType)) return 'content-type';
  if (byteLength > MAX_STORED_BYTES) return 'too-large';
  if (!isJsonObject(body)) return 'not-json';
  if (body['error'] !== undefined && body['error'] !== null) return 'error';
  switch (operation) {
    case 'openai.chat':
      return choicesRule(body, count(requestBody['n']), chatRule);
    case 'native.chat':
      return choicesRule(body, 1, nativeRule);
    case 'openai.completions':
      return choicesRule(body, count(requestBody['n']) * inputs(requestBody['prompt']), textRule);
    case 'openai.embeddings':
      return vectorsRule(body, inputs(requestBody['input']));
    case 'openai.responses':
      return responseRule(body);
    case 'gemini.generate':
      return answerRule(requestBody, body);
    case 'anthropic.messages':
      return messageRule(body);
    case 'anthropic.count_tokens':
      return Number.isSafeInteger(body['input_tokens']) ? undefined : 'tokens';
    default:
      return operation satisfies never;
  }
}

function choicesRule(
  body: JsonObject,
  wanted: number,
  choiceRule: (choice: JsonObject) => UnstorableRule | undefined,
): UnstorableRule | undefined {
  const choices = body['choices'];
  if (!isJsonArray(choices) || choices.length !== wanted) return 'choices';
  for (const choice of choices) {
    if (!isJsonObject(choice)) return 'choices';
    if (!FINISHED.includes(choice['finish_reason'])) return 'finish-reason';
    const rule = choiceRule(choice);
    if (rule !== undefined) return rule;
  }
  return undefined;
}

function chatRule({ message }: JsonObject): UnstorableRule | undefined {
  if (!isJsonObject(message)) return 'empty';
  if (refuses(message)) return 'refusal';
  return saysSomething(message) ? undefined : 'empty';
}

/** The native answer is a text: parts and calls have no place in it. */
function nativeRule({ message }: JsonObject): UnstorableRule | undefined {
  if (!isJsonObject(message)) return 'empty';
  if (refuses(message)) return 'refusal';
  return isText(message['content']) ? undefined : 'empty';
}

function textRule({ text }: JsonObject): UnstorableRule | undefined {
  return isText(text) ? undefined : 'empty';
}

function isText(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value !== '';
}

function count(n: JsonValue | undefined): number {
  return typeof n === 'number' ? n : 1;
}

/** How many texts a prompt or an input holds: an array of numbers is one text, given as tokens. */
function inputs(value: JsonValue | undefined): number {
  return isJsonArray(value) && typeof value[0] !== 'number' ? value.length : 1;
}
