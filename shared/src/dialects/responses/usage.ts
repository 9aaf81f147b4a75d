import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import type { Usage } from '../../price/usage.ts';

/** The token counts of a response, null where it has none. */
export function responseUsage({ usage }: JsonObject): Usage | null {
  if (!isJsonObject(usage)) return null;
  const input = tokens(usage['input_tokens']);
  const output = tokens(usage['output_tokens']);
  if (input === undefined || output === undefined) return null;
  const cachedInput = detail(usage['input_tokens_details'], 'cached_tokens');
  const reasoning = detail(usage['output_tokens_details'], 'reasoning_tokens');
  return {
    input,
    output,
    ...(cachedInput !== undefined && { cachedInput }),
    ...(reasoning !== undefined && { reasoning }),
  };
}

function detail(details: JsonValue | undefined, name: string): number | undefined {
  return isJsonObject(details) ? tokens(details[name]) : undefined;
}

function tokens(count: JsonValue | undefined): number | undefined {
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
