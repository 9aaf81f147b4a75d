import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import { isString, type SchemaFault } from '../../request/schema-fault.ts';

/** What is wrong with a response's `input`: absent, a text, or a list of items. */
export function inputFault({ input }: JsonObject): SchemaFault | undefined {
  if (input === undefined || input === null || isString(input)) return undefined;
  if (!isJsonArray(input)) return { param: 'input', expected: 'a string or an array of items' };
  const wrong = input.findIndex((item: JsonValue) => !isJsonObject(item));
  return wrong < 0 ? undefined : { param: `input[${wrong}]`, expected: 'an object' };
}
