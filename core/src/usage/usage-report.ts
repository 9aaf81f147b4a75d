import { formatCost, PRICES_AS_OF } from '@isartor/shared';
import { HOUR_MS, USAGE_COUNTS, type UsageCounts, type UsageLedger, type UsageRow } from './usage-ledger.port.ts';
import { USAGE_GROUPS, type UsageGroup } from './usage-groups.ts';
import type { UsageRequest } from './usage-request.ts';
import { noCounts } from './usage-tally.ts';

const FIGURES = [
  'requests',
  'input_tokens',
  'output_tokens',
  'cached_tokens',
  'reasoning_tokens',
  'spent_usd',
  'saved_usd',
] as const;
type Figures = Readonly<Record<(typeof FIGURES)[number], number>>;
type ReportRow = Readonly<Partial<Record<UsageGroup, string>>> & Figures;

/** What was used, by hours and by whom. */
export interface UsageReport {
  readonly v: 1;
  /** First and last hour, each by its beginning. */
  readonly from: string;
  readonly to: string;
  /** `memory`: of the one process that was asked, since its start. */
  readonly of: UsageLedger['of'];
  /** When the list prices were put together by which was reckoned. */
  readonly prices_as_of: string;
  readonly rows: readonly ReportRow[];
  readonly total: Figures;
}

/** Adds rows up by what the request tells apart. */
export function reportOf(rows: readonly UsageRow[], request: UsageRequest, of: UsageLedger['of']): UsageReport {
  const groups = USAGE_GROUPS.filter((group) => request.groups.includes(group));
  const sums = new Map<string, { labels: Partial<Record<UsageGroup, string>>; counts: UsageCounts }>();
  const total = noCounts();
  for (const row of rows) {
    const labels = Object.fromEntries(groups.map((group) => [group, labelOf(row, group)]));
    const name = JSON.stringify(Object.values(labels));
    const sum = sums.get(name) ?? { labels, counts: noCounts() };
    sums.set(name, sum);
    for (const count of USAGE_COUNTS) {
      sum.counts[count] += row.counts[count];
      total[count] += row.counts[count];
    }
  }
  return {
    v: 1,
    from: timeOf(request.fromHour),
    to: timeOf(request.toHour),
    of,
    prices_as_of: PRICES_AS_OF,
    rows: [...sums]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { labels, counts }]) => ({ ...labels, ...figuresOf(counts) })),
    total: figuresOf(total),
  };
}

/** The rows as RFC 4180 has them. */
export function csvOf({ rows }: UsageReport, request: UsageRequest): string {
  const groups = USAGE_GROUPS.filter((group) => request.groups.includes(group));
  const lines = rows.map((row) => [
    ...groups.map((group) => cell(row[group] ?? '')),
    ...FIGURES.map((name) => (name.endsWith('usd') ? formatCost(row[name]) : String(row[name]))),
  ]);
  return [[...groups, ...FIGURES], ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

function labelOf(row: UsageRow, group: UsageGroup): string {
  if (group === 'hour') return timeOf(row.hour);
  return group === 'day' ? timeOf(row.hour).slice(0, 10) : row[group];
}

function timeOf(hour: number): string {
  return new Date(hour * HOUR_MS).toISOString().replace('.000Z', 'Z');
}

function figuresOf(counts: UsageCounts): Figures {
  return {
    requests: counts.requests,
    input_tokens: counts.input,
    output_tokens: counts.output,
    cached_tokens: counts.cached,
    reasoning_tokens: counts.reasoning,
    spent_usd: counts.spentNano / 1e9,
    saved_usd: counts.savedNano / 1e9,
  };
}

/** A model is the caller's word: what a spreadsheet would take for a formula is made a text. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
