import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';

/** Parts that are something made, by the names that servers give them. */
const MEDIUM = /^(?:input_|output_)?(?:image|audio|video|file)(?:_url)?$/;

/** Whether a message says no, be it beside a text. */
export function refuses({ refusal, content }: JsonObject): boolean {
  return isFilled(refusal) || (isJsonArray(content) && content.some(isRefusal));
}

/** Whether a message has a text, something made, or calls for the client to make. */
export function saysSomething({ content, tool_calls: calls, function_call: call }: JsonObject): boolean {
  if (isFilled(content) || (isJsonArray(content) && content.some(isTextOrMedium))) return true;
  return (isJsonArray(calls) && calls.length > 0) || isJsonObject(call);
}

function isRefusal(part: JsonValue): boolean {
  return isJsonObject(part) && (part['type'] === 'refusal' || isFilled(part['refusal']));
}

function isTextOrMedium(part: JsonValue): boolean {
  if (!isJsonObject(part)) return false;
  const { type, text } = part;
  return type === 'text' ? isFilled(text) : typeof type === 'string' && MEDIUM.test(type);
}

function isFilled(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value !== '';
}
