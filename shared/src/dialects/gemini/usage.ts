import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import type { Usage } from '../../price/usage.ts';

/** The token counts of an answer of Gemini's, null where it has none. Thoughts are counted beside the answer, and paid as output. */
export function answerUsage({ usageMetadata }: JsonObject): Usage | null {
  if (!isJsonObject(usageMetadata)) return null;
  const prompt = tokens(usageMetadata['promptTokenCount']);
  if (prompt === undefined) return null;
  const tools = tokens(usageMetadata['toolUsePromptTokenCount']) ?? 0;
  const cachedInput = tokens(usageMetadata['cachedContentTokenCount']);
  const reasoning = tokens(usageMetadata['thoughtsTokenCount']);
  return {
    input: prompt + tools,
    output: (tokens(usageMetadata['candidatesTokenCount']) ?? 0) + (reasoning ?? 0),
    ...(cachedInput !== undefined && { cachedInput }),
    ...(reasoning !== undefined && { reasoning }),
  };
}

function tokens(count: JsonValue | undefined): number | undefined {
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
