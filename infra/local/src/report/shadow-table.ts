import { columns } from '../stack/columns.ts';
import { riskyPairs } from './risky-pairs.ts';
import type { ShadowReport } from './shadow-report.ts';

/** The report for a terminal. */
export function shadowTable(report: ShadowReport): string {
  const { from, to, of, point, mode, groups, riskiest } = report;
  const source = of === 'redis' ? 'all processes, from Redis' : 'the process that was asked, from its memory';
  const head = ['', `What the semantic cache would have served, ${from} to ${to} (${source}; point ${point})`, ''];
  const hint = mode === 'shadow' ? [] : [`The mode is ${mode} now: nothing new is recorded here.`, ''];
  if (groups.length === 0) return [...head, ...hint, 'Nothing was looked up in the shadow.', ''].join('\n');
  const rows = groups.map((group) => [
    group.tenant,
    group.model,
    count(group.lookups),
    count(group.hits),
    percent(group.hits / group.lookups),
    count(group.input),
    count(group.output),
    group.pricedAs === undefined ? 'no price' : usd(group.usdNotSpent),
  ]);
  const names = ['tenant', 'model', 'looked up', 'hits', 'share', 'tokens in', 'tokens out', 'not spent'];
  const unmetered = groups.reduce((sum, group) => sum + group.unmetered, 0);
  return [
    ...head,
    ...hint,
    ...columns([names, ...rows]),
    '',
    `not spent: ${usd(report.usdNotSpent)} (estimate: list prices as of ${report.pricesAsOf})`,
    ...(unmetered === 0 ? [] : [`${count(unmetered)} hits told no usage: their tokens are not counted`]),
    '',
    ...riskyPairs(riskiest),
    '',
  ].join('\n');
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const count = (value: number): string => value.toLocaleString('en-US');
const usd = (value: number): string => `$${value.toFixed(6)}`;
