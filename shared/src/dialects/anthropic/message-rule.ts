import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';

/** Endings of a message that said all it had to say. */
const FINISHED: readonly (JsonValue | undefined)[] = ['end_turn', 'tool_use', 'stop_sequence'];

/** The rule that keeps a message out of every cache, if there is one. */
export function messageRule(body: JsonObject): 'finish-reason' | 'empty' | undefined {
  if (!FINISHED.includes(body['stop_reason'])) return 'finish-reason';
  const { content } = body;
  return isJsonArray(content) && content.some(saysSomething) ? undefined : 'empty';
}

/** A text, or a call for the client to make: thoughts alone answer nothing. */
function saysSomething(block: JsonValue): boolean {
  if (!isJsonObject(block)) return false;
  const { type, text } = block;
  return type === 'tool_use' || (type === 'text' && typeof text === 'string' && text !== '');
}
