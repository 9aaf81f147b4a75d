import type { Estimate } from '@isartor/core/estimate';
import { PRICES_AS_OF } from '@isartor/shared';
import { riskyPairs } from '../report/risky-pairs.ts';
import { columns } from '../stack/columns.ts';
import type { EstimateOptions } from './estimate-options.ts';

/** The estimate for a terminal. */
export function estimateTable(result: Estimate, { settings }: Pick<EstimateOptions, 'settings'>): string {
  const rows = result.groups.map((group) => [
    group.tenant,
    group.model,
    count(group.requests),
    share(group.l1a, group.requests),
    share(group.l1b, group.requests),
    share(group.asked, group.requests),
    count(group.tokensNotSpent.input),
    count(group.tokensNotSpent.output),
    usd(group.usdNotSpent),
    usd(group.usdSpent),
  ]);
  const names = ['tenant', 'model', 'requests', 'L1a', 'L1b', 'model asked', 'tokens in', 'out', 'not spent', 'spent'];
  const sum = (of: 'unmetered' | 'refused'): number => result.groups.reduce((all, group) => all + group[of], 0);
  const note = (many: number, what: string): readonly string[] => (many === 0 ? [] : [`${count(many)} ${what}`]);
  return [
    '',
    `What the caches would have answered of ${count(result.requests)} requests (TTL ${settings.ttlSecs} s, point ${settings.point})`,
    '',
    ...columns([names, ...rows]),
    '',
    `money is an estimate: list prices as of ${PRICES_AS_OF}`,
    ...note(sum('unmetered'), 'requests tell no usage: their tokens and money are not counted'),
    ...note(sum('refused'), 'requests would have been refused'),
    ...reasons('not for any cache', result.uncacheable),
    ...reasons('not for the semantic cache', result.ineligible),
    '',
    ...riskyPairs(result.riskiest.map(({ asked, answered, ...pair }) => ({ ...pair, texts: { asked, answered } }))),
    '',
  ].join('\n');
}

function reasons(what: string, counts: Readonly<Record<string, number>>): readonly string[] {
  const told = Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([why, many]) => `${why} ${count(many)}`);
  return told.length === 0 ? [] : [`${what}: ${told.join(', ')}`];
}

const share = (part: number, of: number): string => `${count(part)} (${((100 * part) / of).toFixed(1)} %)`;
const count = (value: number): string => value.toLocaleString('en-US');
const usd = (value: number | null): string => (value === null ? 'no price' : `$${value.toFixed(6)}`);
