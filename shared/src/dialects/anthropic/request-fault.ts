import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import { messagesFault } from '../../request/messages-fault.ts';
import { isString, modelFault, optional, type SchemaFault } from '../../request/schema-fault.ts';

/** What is wrong with a request for a message, or for the count of its tokens: of what Isartor itself reads. */
export function anthropicFault(body: JsonObject): SchemaFault | undefined {
  return (
    modelFault(body) ??
    optional(body, 'stream', (value) => typeof value === 'boolean', 'true or false') ??
    optional(body, 'temperature', (value) => typeof value === 'number', 'a number') ??
    optional(body, 'system', isTextOrParts, 'a string or an array of parts') ??
    toolsFault(body['tools']) ??
    messagesFault(body['messages'])
  );
}

function isTextOrParts(value: JsonValue): boolean {
  return isString(value) || (isJsonArray(value) && value.every(isJsonObject));
}

/** The type may be missing: such a tool is the caller's own. */
function toolsFault(tools: JsonValue | undefined): SchemaFault | undefined {
  if (tools === undefined || tools === null) return undefined;
  if (!isJsonArray(tools)) return { param: 'tools', expected: 'an array' };
  const wrong = tools.findIndex((tool) => !isJsonObject(tool));
  return wrong < 0 ? undefined : { param: `tools[${wrong}]`, expected: 'an object' };
}
