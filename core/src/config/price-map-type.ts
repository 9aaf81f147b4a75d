import type { ModelPrice } from '@isartor/shared';
import { z } from 'zod';
import { unknownMember } from './listed-records.ts';
import { decimalNumber } from './value-types.ts';

/** More models than any operator pays for. */
const MAX_MODELS = 1_000;
/** US dollars per million tokens. */
const USD = decimalNumber(0, 1_000_000);
const RECORD = z.strictObject({
  input: USD,
  output: USD,
  cached_input: USD.optional(),
  cache_write: USD.optional(),
  cache_write_long: USD.optional(),
});
const NAME = /^[\x21-\x7e]{1,256}$/;

/** Prices by model: JSON text, or the same as a YAML mapping. Names come out in lower case. */
export function priceMap() {
  return z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .transform((given, context): Readonly<Record<string, ModelPrice>> => {
      const fault = (message: string): never => {
        context.addIssue({ code: 'custom', message: `cannot be used: ${message}` });
        return z.NEVER;
      };
      const map = typeof given === 'string' ? parsedMap(given) : given;
      if (map === undefined) return fault('it must be a JSON object; check its braces and quotes');
      const prices = new Map<string, ModelPrice>();
      for (const [model, item] of Object.entries(map)) {
        const name = model.toLowerCase();
        if (!NAME.test(model)) return fault('a model has a name of more than 256 characters, or with spaces in it');
        if (prices.has(name)) return fault(`${model} is there twice`);
        if (prices.size >= MAX_MODELS) return fault(`it has more than ${MAX_MODELS} models`);
        const record = RECORD.safeParse(item);
        if (!record.success) return fault(describeIssue(model, record.error.issues));
        prices.set(name, fromRecord(record.data));
      }
      return Object.fromEntries(prices);
    })
    .describe(
      'a JSON object such as {"my-model":{"input":0.5,"output":1.5,"cached_input"?,"cache_write"?,"cache_write_long"?}}, in US dollars per million tokens, or the same in YAML',
    );
}

function parsedMap(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
    return parsed.data;
  } catch {
    return undefined;
  }
}

function describeIssue(model: string, issues: readonly z.core.$ZodIssue[]): string {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined) return `${model} ${unknownMember(unknown, Object.keys(RECORD.shape))}`;
  const place = [model, ...(issues[0]?.path ?? [])].join('.');
  return `${place} is missing or not usable; write ${issues[0]?.path.length === 0 ? 'an object' : (USD.description ?? 'a number')}`;
}

/** What is left out costs what `ModelPrice` says. */
function fromRecord(record: z.output<typeof RECORD>): ModelPrice {
  return {
    input: record.input,
    output: record.output,
    ...(record.cached_input !== undefined && { cachedInput: record.cached_input }),
    ...(record.cache_write !== undefined && { cacheWrite: record.cache_write }),
    ...(record.cache_write_long !== undefined && { cacheWriteLong: record.cache_write_long }),
  };
}
