import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import { optional, type SchemaFault } from '../../request/schema-fault.ts';

/** What is wrong with a request to Gemini: of what Isartor itself reads. */
export function geminiFault(body: JsonObject): SchemaFault | undefined {
  return (
    contentsFault(body['contents']) ??
    optional(body, 'generationConfig', isJsonObject, 'an object') ??
    optional(body, 'generation_config', isJsonObject, 'an object') ??
    optional(body, 'tools', (tools) => isJsonArray(tools) && tools.every(isJsonObject), 'an array of objects')
  );
}

function contentsFault(contents: JsonValue | undefined): SchemaFault | undefined {
  if (!isJsonArray(contents) || contents.length === 0) return { param: 'contents', expected: 'a non-empty array' };
  for (const [i, content] of contents.entries()) {
    if (!isJsonObject(content)) return { param: `contents[${i}]`, expected: 'an object' };
    const parts = content['parts'];
    if (parts !== undefined && !(isJsonArray(parts) && parts.every(isJsonObject))) {
      return { param: `contents[${i}].parts`, expected: 'an array of objects' };
    }
  }
  return undefined;
}
