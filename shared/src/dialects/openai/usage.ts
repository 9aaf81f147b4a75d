import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import type { Operation } from '../../operation.ts';

/** Tokens of one answer, as the provider counted them. */
export interface Usage {
  readonly input: number;
  /** 0 for embeddings. */
  readonly output: number;
  /** Part of `input` that the provider read from its own prompt cache. */
  readonly cachedInput?: number;
  /** Part of `output` that was reasoning. */
  readonly reasoning?: number;
}

/** The token counts of a plain body, null where it has none. A `native.chat` answer is counted by its chat answer. */
export function usageOf(operation: Operation, body: JsonObject): Usage | null {
  const usage = body['usage'];
  if (!isJsonObject(usage)) return null;
  const input = tokens(usage['prompt_tokens']);
  const output = operation === 'openai.embeddings' ? 0 : tokens(usage['completion_tokens']);
  if (input === undefined || output === undefined) return null;
  const cachedInput = detail(usage['prompt_tokens_details'], 'cached_tokens');
  const reasoning = detail(usage['completion_tokens_details'], 'reasoning_tokens');
  return {
    input,
    output,
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
