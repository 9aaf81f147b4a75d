import { SKIPPABLE_LAYERS, type CachePolicy, type SkippableLayer } from '@isartor/shared';
import { z } from 'zod';
import { decidingRows } from './deciding-rows.ts';
import { unknownMember } from './listed-records.ts';
import { choice, decimalNumber, oneLine, wholeNumber } from './value-types.ts';

/** Whom a route asks, and for what. */
interface ListedTarget {
  /** A provider's name. */
  readonly provider: string;
  /** Undefined: the model as it was asked for. */
  readonly model: string | undefined;
  /** Share of the first choices; undefined: none. */
  readonly weight: number | undefined;
}

/** One row of the table of routes: which models it is about, who is asked for them, and on what terms. */
export interface ModelRoute {
  /** A name, or a pattern with one `*` for anything. Requests that name no model have the name `isartor/auto`. */
  readonly model: string;
  /** In the order in which they are asked; at least one. */
  readonly to: readonly ListedTarget[];
  /** Its own bounds in milliseconds, in the place of those of all. */
  readonly clocks: { readonly firstByteMs?: number; readonly plainMs?: number; readonly streamMs?: number };
  /** The most that the caches may do; undefined: what the key may. */
  readonly cache: CachePolicy | undefined;
  readonly cacheTtlSecs: number | undefined;
  /** Layers that do not answer. */
  readonly skip: readonly SkippableLayer[];
}

const MAX_TARGETS = 16;
const DAY_SECS = 86_400;
const YEAR_SECS = 31_536_000;

const CLOCKS = {
  first_byte_secs: decimalNumber(0.001, DAY_SECS),
  plain_secs: decimalNumber(0.001, DAY_SECS),
  stream_secs: decimalNumber(0.001, DAY_SECS),
};
const TARGET = {
  provider: oneLine(),
  model: oneLine(),
  weight: decimalNumber(0, 1_000),
};
const MEMBERS = {
  model: oneLine()
    .regex(/^[^*]*\*?[^*]*$/)
    .describe('a name of a model, in which one * may stand for anything'),
  to: z
    .array(z.strictObject({ ...TARGET, model: TARGET.model.optional(), weight: TARGET.weight.optional() }))
    .min(1)
    .max(MAX_TARGETS)
    .describe(`a list of 1 to ${MAX_TARGETS} of {"provider","model"?,"weight"?}`),
  clocks: z
    .strictObject({
      first_byte_secs: CLOCKS.first_byte_secs.optional(),
      plain_secs: CLOCKS.plain_secs.optional(),
      stream_secs: CLOCKS.stream_secs.optional(),
    })
    .describe('a group of first_byte_secs, plain_secs and stream_secs'),
  cache: choice(['off', 'exact', 'both']),
  cache_ttl_secs: wholeNumber(1, YEAR_SECS),
  skip: z.array(choice(SKIPPABLE_LAYERS)).describe(`a list of ${SKIPPABLE_LAYERS.join(', ')}`),
};
const RECORD = z.strictObject({
  ...MEMBERS,
  clocks: MEMBERS.clocks.optional(),
  cache: MEMBERS.cache.optional(),
  cache_ttl_secs: MEMBERS.cache_ttl_secs.optional(),
  skip: MEMBERS.skip.optional(),
});
/** What each member takes, for messages; those of a target by their place. */
const DESCRIPTIONS: ReadonlyMap<string, string | undefined> = new Map(
  Object.entries({ ...MEMBERS, ...CLOCKS }).map(([name, type]) => [name, type.description]),
);
const TARGET_DESCRIPTIONS: ReadonlyMap<string, string | undefined> = new Map(
  Object.entries(TARGET).map(([name, type]) => [name, type.description]),
);

/** The table of routes: JSON text, or the same as a YAML list. The first row that is about a model decides. */
export function modelRouteList() {
  return decidingRows<ModelRoute>({
    read: (item, place) => {
      const record = RECORD.safeParse(item);
      if (!record.success) return { fault: describeIssue(place, record.error.issues) };
      return { row: fromRecord(record.data) };
    },
    covers: (earlier, later) => isAbout(earlier.model, later.model),
    doc: 'a JSON list of {"model","to":[{"provider","model"?,"weight"?}],"clocks"?:{"first_byte_secs"?,"plain_secs"?,"stream_secs"?},"cache"?:"off"|"exact"|"both","cache_ttl_secs"?,"skip"?:["l1a"|"l1b"|"l2"]}, or the same in YAML',
  });
}

/** Whether a name, or all that another pattern is about, fits a pattern. */
export function isAbout(pattern: string, model: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === model;
  return (
    model.length >= pattern.length - 1 &&
    model.startsWith(pattern.slice(0, star)) &&
    model.endsWith(pattern.slice(star + 1))
  );
}

/** The place of a fault and its remedy; never a value. */
function describeIssue(item: string, issues: readonly z.core.$ZodIssue[]): string {
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  const issue = unknown ?? issues[0];
  const path = issue?.path ?? [];
  const inTarget = path[0] === 'to' && path.length > 1;
  const place = [item, ...path.map(String)].join('.');
  if (unknown !== undefined) {
    const known = inTarget ? TARGET : path[0] === 'clocks' ? CLOCKS : MEMBERS;
    return `${place} ${unknownMember(unknown, Object.keys(known))}`;
  }
  const name = typeof path.at(-1) === 'number' ? String(path.at(-2)) : String(path.at(-1));
  const description = (inTarget && TARGET_DESCRIPTIONS.get(name)) || DESCRIPTIONS.get(name);
  return `${place} is missing or not usable; write ${description ?? 'an object'}`;
}

function fromRecord({ model, to, clocks = {}, ...rest }: z.output<typeof RECORD>): ModelRoute {
  const { first_byte_secs: firstByte, plain_secs: plain, stream_secs: stream } = clocks;
  return {
    model,
    to: to.map((target) => ({ provider: target.provider, model: target.model, weight: target.weight })),
    clocks: {
      ...(firstByte !== undefined && { firstByteMs: firstByte * 1_000 }),
      ...(plain !== undefined && { plainMs: plain * 1_000 }),
      ...(stream !== undefined && { streamMs: stream * 1_000 }),
    },
    cache: rest.cache,
    cacheTtlSecs: rest.cache_ttl_secs,
    skip: rest.skip ?? [],
  };
}
