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
export function responseRule({ status, output }: JsonObject): 'finish-reason' | 'empty' | undefined {
  if (status !== 'completed') return 'finish-reason';
  return isJsonArray(output) && output.some(saysSomething) ? undefined : 'empty';
}

/** A text, or a call for the client to make: reasoning alone answers nothing, and a refusal is no answer to keep. */
function saysSomething(item: JsonValue): boolean {
  if (!isJsonObject(item)) return false;
  if (CALLS.includes(item['type'])) return true;
  const { content } = item;
  return item['type'] === 'message' && isJsonArray(content) && content.some(isText);
}

function isText(part: JsonValue): boolean {
  if (!isJsonObject(part) || part['type'] !== 'output_text') return false;
  return typeof part['text'] === 'string' && part['text'] !== '';
}
