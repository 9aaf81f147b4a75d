import { nanoUsd } from '@isartor/shared';
import { USAGE_COUNTS, type UsageCounts, type UsageEvent, type UsageKey, type UsageRow } from './usage-ledger.port.ts';

/** Callers name models: what comes past so many rows has no model of its own. */
const MAX_ROWS = 10_000;
const MAX_MODEL = 128;
/** In the place of models past the bound. */
export const OTHER_MODEL = 'other';

interface CountingRow extends UsageRow {
  readonly counts: UsageCounts;
}

/** Counts by hour, tenant, key, model and layer, bounded in its models: sums stay whole. */
export class UsageTally {
  private readonly rows = new Map<string, CountingRow>();

  constructor(private readonly maxRows = MAX_ROWS) {}

  get size(): number {
    return this.rows.size;
  }

  add(hour: number, { requests, usage, spentUsd, savedUsd, ...key }: UsageEvent): void {
    const { counts } = this.rowOf(hour, key);
    counts.requests += requests;
    counts.spentNano += nanoUsd(spentUsd);
    counts.savedNano += nanoUsd(savedUsd);
    if (usage === undefined) return;
    counts.input += usage.input;
    counts.output += usage.output;
    counts.cached += usage.cachedInput ?? 0;
    counts.reasoning += usage.reasoning ?? 0;
  }

  merge({ hour, counts, ...key }: UsageRow): void {
    const row = this.rowOf(hour, key);
    for (const name of USAGE_COUNTS) row.counts[name] += counts[name];
  }

  all(): readonly UsageRow[] {
    return [...this.rows.values()];
  }

  /** Forgets what lies before an hour. */
  dropBefore(hour: number): void {
    for (const [name, row] of this.rows) if (row.hour < hour) this.rows.delete(name);
  }

  private rowOf(hour: number, key: UsageKey): CountingRow {
    const name = nameOf(hour, key);
    const known = this.rows.get(name);
    if (known !== undefined) return known;
    const model = this.rows.size >= this.maxRows ? OTHER_MODEL : key.model;
    if (model !== key.model || model.length > MAX_MODEL) {
      return this.rowOf(hour, { ...key, model: model.slice(0, MAX_MODEL) });
    }
    const row = { ...key, hour, counts: noCounts() };
    this.rows.set(name, row);
    return row;
  }
}

export function noCounts(): UsageCounts {
  return { requests: 0, input: 0, output: 0, cached: 0, reasoning: 0, spentNano: 0, savedNano: 0 };
}

/** Tenants and layers hold no line break, and a key's name is no caller's word: only the model, at the end, may hold any. */
function nameOf(hour: number, { tenant, layer, key, model }: UsageKey): string {
  return `${hour}\n${tenant}\n${layer}\n${key}\n${model}`;
}
