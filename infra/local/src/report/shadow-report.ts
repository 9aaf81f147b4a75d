import { costOf, pricedAs, priceOf, PRICES_AS_OF } from '@isartor/shared';
import { z } from 'zod';
import { Fault } from '../stack/fault.ts';

const COUNT = z.number().min(0);
const PAIR = z.object({
  tenant: z.string(),
  model: z.string(),
  asked: z.string(),
  answered: z.string(),
  cosine: z.number(),
  probability: z.number().nullable(),
  texts: z.object({ asked: z.string(), answered: z.string() }).optional(),
});
const GROUP = z.object({
  tenant: z.string(),
  model: z.string(),
  lookups: COUNT,
  hits: COUNT,
  unmetered: COUNT,
  input: COUNT,
  cachedInput: COUNT,
  output: COUNT,
});
const ANSWER = z.object({
  v: z.literal(1),
  mode: z.string(),
  point: z.string(),
  log_pairs: z.boolean(),
  of: z.enum(['redis', 'memory']),
  from: z.string(),
  to: z.string(),
  groups: z.array(GROUP),
  riskiest: z.array(PAIR),
});

/** What was found for one tenant and model, with what it would have saved. */
interface PricedGroup extends z.infer<typeof GROUP> {
  /** US dollars by list prices: an estimate. */
  readonly usdNotSpent: number;
  /** The model whose price was taken; undefined: none has one. */
  readonly pricedAs: string | undefined;
}

/** The core's report with prices. */
export interface ShadowReport extends Omit<z.infer<typeof ANSWER>, 'groups'> {
  readonly groups: readonly PricedGroup[];
  readonly usdNotSpent: number;
  readonly pricesAsOf: string;
}

/** Reads the core's answer and puts prices to it. @throws Fault where it is none, or `asIf` has no price */
export function readShadowReport(answer: unknown, asIf: string | undefined): ShadowReport {
  const result = ANSWER.safeParse(answer);
  if (!result.success) throw new Fault('the core answered with what is no report: is it of this version?');
  if (asIf !== undefined && priceOf(asIf) === undefined) throw new Fault(`--as-if ${asIf} has no price in the list`);
  const groups = result.data.groups.map((group) => priced(group, asIf));
  const usdNotSpent = groups.reduce((sum, group) => sum + group.usdNotSpent, 0);
  return { ...result.data, groups, usdNotSpent, pricesAsOf: PRICES_AS_OF };
}

function priced(group: z.infer<typeof GROUP>, asIf: string | undefined): PricedGroup {
  const model = pricedAs(group.model, asIf);
  return { ...group, usdNotSpent: costOf(model, group), pricedAs: model };
}
