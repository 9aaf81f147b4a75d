import { isJsonArray, isJsonObject, parseJson, type JsonObject } from '../../json/json-value.ts';

/** Inside a JSON string a quotation mark is escaped, so neither pattern can match the text of an answer. */
const USAGE = '"usage"';
const NO_CHOICES = /"choices"\s*:\s*\[\s*\]/;

/**
 * Whether an event's data is the extra chunk that `stream_options.include_usage` asks for: no choices, token counts.
 * Called for every event of a stream, so nearly all are told by a text search, without parsing.
 */
export function isUsageOnlyChunk(data: string): boolean {
  if (!data.includes(USAGE) || !NO_CHOICES.test(data)) return false;
  const chunk = chunkOf(data);
  if (chunk === undefined) return false;
  const choices = chunk['choices'];
  return isJsonArray(choices) && choices.length === 0 && isJsonObject(chunk['usage']);
}

function chunkOf(data: string): JsonObject | undefined {
  try {
    const chunk = parseJson(data);
    return isJsonObject(chunk) ? chunk : undefined;
  } catch {
    return undefined;
  }
}
