import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import type { Operation } from '../../operation.ts';
import { SSE_DONE, type SseEvent } from '../../sse/sse-event.ts';
import { PADDING, PLAIN_OBJECT } from './aggregate-stream.ts';
import { replayedChatChoice } from './replay-chat-choice.ts';

/** Top-level members that stand in each chunk, as OpenAI sends them; what else a vendor adds stands in the first. */
const IN_EACH_CHUNK = ['id', 'object', 'created', 'model', 'service_tier', 'system_fingerprint', 'provider'];

/**
 * Whether a replay of a body adds up to that body again. Not for bodies that no stream can say: choices that are not
 * numbered by their place, members that only chunks have. Such a body must not be stored.
 */
export function isReplayable(operation: Operation, body: JsonObject): boolean {
  if (operation !== 'openai.chat' && operation !== 'openai.completions') return true;
  const choices = body['choices'];
  if (!isJsonArray(choices) || Object.hasOwn(body, PADDING) || PLAIN_OBJECT.has(body['object'])) return false;
  return choices.every((choice, position) => {
    if (!isJsonObject(choice) || choice['index'] !== position || Object.hasOwn(choice, 'delta')) return false;
    return operation === 'openai.chat' ? isJsonObject(choice['message']) : !Object.hasOwn(choice, 'message');
  });
}

/**
 * The events of a stream that adds up to a stored body, ended by `[DONE]`: `aggregateStream` of them (with
 * `includeUsage`) equals the body. Usage has a chunk of its own, and only where the caller asked for it.
 * Throws RangeError for an operation that does not stream.
 */
export function replayBody(
  operation: Operation,
  body: JsonObject,
  options: { readonly includeUsage: boolean },
): SseEvent[] {
  if (operation !== 'openai.chat' && operation !== 'openai.completions') {
    throw new RangeError(`${operation} does not stream`);
  }
  const { choices, usage, ...rest } = body;
  const withUsage = options.includeUsage && usage !== undefined;
  const pieces = (isJsonArray(choices) ? choices : [])
    .filter((choice) => isJsonObject(choice))
    .flatMap((choice) => (operation === 'openai.chat' ? replayedChatChoice(choice) : [choice]));
  const head = chunkHead(operation, rest);
  const chunk = (parts: readonly JsonValue[], top: JsonObject): SseEvent => {
    return { data: JSON.stringify({ ...top, choices: parts, ...(withUsage ? { usage: null } : undefined) }) };
  };
  const first = { ...rest, ...head };
  const events = pieces.map((piece, position) => chunk([piece], position === 0 ? first : head));
  if (events.length === 0) events.push(chunk([], first));
  if (withUsage) events.push({ data: JSON.stringify({ ...head, choices: [], usage }) });
  events.push({ data: SSE_DONE });
  return events;
}

function chunkHead(operation: Operation, top: JsonObject): JsonObject {
  const head: Record<string, JsonValue> = {};
  for (const name of IN_EACH_CHUNK) {
    const value = top[name];
    if (value !== undefined && Object.hasOwn(top, name)) head[name] = value;
  }
  if (operation === 'openai.chat' && head['object'] === 'chat.completion') head['object'] = 'chat.completion.chunk';
  return head;
}
