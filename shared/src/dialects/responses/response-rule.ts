import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';

/** Items that ask the client to do something. */
const CALLS: readonly (JsonValue | undefined)[] = [
  'function_call',
  'custom_tool_call',
  'local_shell_call',
  'apply_patch_call',
  'computer_call',
];

/** The rule that keeps a response out of every cache, if there is one. */
export function responseRule({
  status,
  output,
  incomplete_details: details = null,
}: JsonObject): 'finish-reason' | 'refusal' | 'empty' | undefined {
  if (status !== 'completed' || details !== null) return 'finish-reason';
  if (!isJsonArray(output)) return 'empty';
  if (output.some((item) => isJsonObject(item) && item['status'] === 'incomplete')) return 'finish-reason';
  if (output.some((item) => partsOf(item).some(isRefusal))) return 'refusal';
  return output.some(saysSomething) ? undefined : 'empty';
}

/** A text, or a call for the client to make: reasoning alone answers nothing. */
function saysSomething(item: JsonValue): boolean {
  if (!isJsonObject(item)) return false;
  if (CALLS.includes(item['type'])) return true;
  return item['type'] === 'message' && partsOf(item).some(isText);
}

function partsOf(item: JsonValue): readonly JsonValue[] {
  const content = isJsonObject(item) ? item['content'] : undefined;
  return isJsonArray(content) ? content : [];
}

function isRefusal(part: JsonValue): boolean {
  return isJsonObject(part) && part['type'] === 'refusal';
}

function isText(part: JsonValue): boolean {
  if (!isJsonObject(part) || part['type'] !== 'output_text') return false;
  return typeof part['text'] === 'string' && part['text'] !== '';
}
