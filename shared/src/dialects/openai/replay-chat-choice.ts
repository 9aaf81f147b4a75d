import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import { MESSAGE_DEFAULTS } from './growing-choice.ts';

/** Message members that come after the text. */
const AFTER_TEXT = ['annotations'];

/**
 * One choice of a chat answer as the choices of successive chunks, in the order in which clients expect them: the role,
 * reasoning and what else there is, the text with its log probabilities, the tool calls one by one, the end.
 */
export function replayedChatChoice(choice: JsonObject): JsonObject[] {
  const { index, message, finish_reason, logprobs, ...others } = choice;
  const source = isJsonObject(message) ? message : {};
  const steps = deltas(source);
  const textAt = steps.findIndex(({ content }) => content !== undefined && content !== null && content !== '');
  const early = 'finish_reason' in choice ? { finish_reason: null } : undefined;
  const pieces = steps.map((delta, position): JsonObject => {
    const beside = position === textAt && logprobs !== undefined ? { logprobs } : undefined;
    return { index: index ?? 0, delta, ...beside, ...early };
  });
  pieces.push({
    index: index ?? 0,
    delta: {},
    ...(textAt < 0 && logprobs !== undefined ? { logprobs } : undefined),
    ...(finish_reason === undefined ? undefined : { finish_reason }),
    ...others,
    ...(hasPlainDeltas(source) ? undefined : { message: source }),
  });
  return pieces;
}

function deltas(message: JsonObject): JsonObject[] {
  const { role, content, tool_calls, ...others } = message;
  const opening = {
    ...(role === undefined ? undefined : { role }),
    ...(typeof content === 'string' ? { content: '' } : content === null ? { content } : undefined),
  };
  const before = Object.entries(others).filter(([name]) => !AFTER_TEXT.includes(name));
  const after = Object.entries(others).filter(([name]) => AFTER_TEXT.includes(name));
  const text = content === undefined || content === null || content === '' ? {} : { content };
  return [
    opening,
    Object.fromEntries(before),
    text,
    Object.fromEntries(after),
    ...(tool_calls === undefined ? [] : toolCallDeltas(tool_calls)),
  ].filter((delta) => Object.keys(delta).length > 0);
}

function toolCallDeltas(calls: JsonValue): JsonObject[] {
  if (!isJsonArray(calls) || calls.length === 0) return [{ tool_calls: calls }];
  return calls.map((call, index) => ({ tool_calls: [isJsonObject(call) ? { ...call, index } : call] }));
}

/**
 * Whether the deltas alone add up to the message; else the last chunk carries the whole message too. They do not where
 * a tool call has an `index` of its own (DeepSeek's plain answers), for in a delta the word numbers the calls, nor
 * where the message lacks what every message has (Groq leaves out an absent `content`).
 */
function hasPlainDeltas(message: JsonObject): boolean {
  if (!Object.keys(MESSAGE_DEFAULTS).every((name) => Object.hasOwn(message, name))) return false;
  const calls = message['tool_calls'];
  return !isJsonArray(calls) || calls.every((call) => isJsonObject(call) && !Object.hasOwn(call, 'index'));
}
