import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import type { Operation } from '../../operation.ts';
import type { Usage } from '../../price/usage.ts';

/** The token counts of a plain body, null where it has none. A `native.chat` answer is counted by its chat answer. */
export function openAiUsage(operation: Operation, body: JsonObject): Usage | null {
  const usage = body['usage'];
  if (!isJsonObject(usage)) return null;
  const input = tokens(usage['prompt_tokens']);
  const output = operation === 'openai.embeddings' ? 0 : tokens(usage['completion_tokens']);
  if (input === undefined || output === undefined) return null;
  const cachedInput = detail(usage['prompt_tokens_details'], 'cached_tokens');
  const reasoning = detail(usage['completion_tokens_details'], 'reasoning_tokens');
  // xAI counts its reasoning beside `completion_tokens`, where OpenAI counts it in; either is paid as output.
  const isBeside = reasoning !== undefined && usage['total_tokens'] === input + output + reasoning;
  return {
    input,
    output: isBeside ? output + reasoning : output,
    ...(cachedInput === undefined ? undefined : { cachedInput }),
    ...(reasoning === undefined ? undefined : { reasoning }),
  };
}

function detail(details: JsonValue | undefined, name: string): number | undefined {
  return isJsonObject(details) ? tokens(details[name]) : undefined;
}

function tokens(count: JsonValue | undefined): number | undefined {
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
