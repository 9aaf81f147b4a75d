import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts';
import type { Usage } from '../../price/usage.ts';

/**
 * The token counts of a message, null where it has none. Anthropic counts what its prompt cache read and wrote beside
 * `input_tokens`; where a message took several passes (`iterations`: compaction, fallback), all of them are paid for and
 * the top alone does not add them up.
 */
export function messageUsage(body: JsonObject): Usage | null {
  const { usage } = body;
  if (!isJsonObject(usage)) return null;
  const { iterations } = usage;
  const passes = isJsonArray(iterations) && iterations.length > 0 ? iterations : [usage];
  const counts = passes.map(countsOf).filter((count) => count !== undefined);
  if (counts.length < passes.length) return null;
  const sum = (of: (counts: Counts) => number): number => counts.reduce((total, one) => total + of(one), 0);
  const thinking = isJsonObject(usage['output_tokens_details'])
    ? tokens(usage['output_tokens_details']['thinking_tokens'])
    : undefined;
  const [read, written, long] = [sum(({ read }) => read), sum(({ written }) => written), sum(({ long }) => long)];
  return {
    input: sum(({ fresh }) => fresh) + read + written + long,
    output: sum(({ output }) => output),
    ...(read > 0 && { cachedInput: read }),
    ...(written > 0 && { cacheWrite: written }),
    ...(long > 0 && { cacheWriteLong: long }),
    ...(thinking !== undefined && { reasoning: thinking }),
  };
}

/** Tokens of one pass over the model. */
interface Counts {
  readonly fresh: number;
  readonly read: number;
  /** Written into the prompt cache for 5 minutes, and for an hour. */
  readonly written: number;
  readonly long: number;
  readonly output: number;
}

function countsOf(usage: JsonValue): Counts | undefined {
  if (!isJsonObject(usage)) return undefined;
  const fresh = tokens(usage['input_tokens']);
  const output = tokens(usage['output_tokens']);
  if (fresh === undefined || output === undefined) return undefined;
  const all = tokens(usage['cache_creation_input_tokens']) ?? 0;
  const byLife = usage['cache_creation'];
  const long = isJsonObject(byLife) ? Math.min(all, tokens(byLife['ephemeral_1h_input_tokens']) ?? 0) : 0;
  const read = tokens(usage['cache_read_input_tokens']) ?? 0;
  return { fresh, read, written: all - long, long, output };
}

function tokens(count: JsonValue | undefined): number | undefined {
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
