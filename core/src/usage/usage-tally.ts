import { nanoUsd } from '@isartor/shared';
import { USAGE_COUNTS, type UsageCounts, type UsageEvent, type UsageKey, type UsageRow } from './usage-ledger.port.ts';

/** Callers name models: what comes past so many rows, of a tenant's hour or of all, has no model of its own. */
const MAX_ROWS = 50_000;
const MAX_TENANT_ROWS = 2_000;
const MAX_MODEL = 128;
/** In the place of models past the bound. */
export const OTHER_MODEL = 'other';

interface CountingRow extends UsageRow {
  readonly counts: UsageCounts;
}

type ByModel = Map<string, CountingRow>;
type ByKey = Map<string, ByModel>;
type ByLayer = Map<string, ByKey>;

/** What one tenant used in one hour. */
interface TenantHour {
  readonly layers: ByLayer;
  rows: number;
}

type ByTenant = Map<string, TenantHour>;

/**
 * Counts by hour, tenant, key, model and layer, bounded in its models: sums stay whole. Maps in maps: one name put
 * together of all five would have to be made, and hashed, for each request.
 */
export class UsageTally {
  private readonly hours = new Map<number, ByTenant>();
  private count = 0;

  constructor(
    private readonly maxRows = MAX_ROWS,
    private readonly maxTenantRows = MAX_TENANT_ROWS,
  ) {}

  get size(): number {
    return this.count;
  }

  add(hour: number, event: UsageEvent): void {
    const { counts } = this.rowOf(hour, event);
    const { usage } = event;
    counts.requests += event.requests;
    counts.spentNano += nanoUsd(event.spentUsd);
    counts.savedNano += nanoUsd(event.savedUsd);
    if (usage === undefined) return;
    counts.input += usage.input;
    counts.output += usage.output;
    counts.cached += usage.cachedInput ?? 0;
    counts.reasoning += usage.reasoning ?? 0;
  }

  merge(row: UsageRow): void {
    const { counts } = this.rowOf(row.hour, row);
    for (const name of USAGE_COUNTS) counts[name] += row.counts[name];
  }

  all(): readonly UsageRow[] {
    return [...this.hours.values()].flatMap(rowsOf);
  }

  /** Forgets what lies before an hour. */
  dropBefore(hour: number): void {
    for (const [past, tenants] of this.hours) {
      if (past >= hour) continue;
      this.count -= rowsOf(tenants).length;
      this.hours.delete(past);
    }
  }

  private rowOf(hour: number, key: UsageKey): CountingRow {
    const tenants: ByTenant = childOf(this.hours, hour);
    const place = tenants.get(key.tenant) ?? { layers: new Map<string, ByKey>(), rows: 0 };
    tenants.set(key.tenant, place);
    const models: ByModel = childOf(childOf(place.layers, key.layer), key.key);
    const known = models.get(key.model);
    if (known !== undefined) return known;
    const isFull = this.count >= this.maxRows || place.rows >= this.maxTenantRows;
    const name = isFull ? OTHER_MODEL : shortened(key.model);
    const bounded = models.get(name);
    if (bounded !== undefined) return bounded;
    const { tenant, layer } = key;
    const row = { hour, tenant, key: key.key, model: name, layer, counts: noCounts() };
    models.set(name, row);
    this.count += 1;
    place.rows += 1;
    return row;
  }
}

/** A part of a string keeps the whole alive: what is cut is copied. */
function shortened(model: string): string {
  return model.length <= MAX_MODEL ? model : Buffer.from(model.slice(0, MAX_MODEL)).toString();
}

function rowsOf(tenants: ByTenant): CountingRow[] {
  return [...tenants.values()].flatMap(({ layers }) =>
    [...layers.values()].flatMap((keys) => [...keys.values()].flatMap((models) => [...models.values()])),
  );
}

function childOf<Name, Key, Value>(parent: Map<Name, Map<Key, Value>>, name: Name): Map<Key, Value> {
  const known = parent.get(name);
  if (known !== undefined) return known;
  const child = new Map<Key, Value>();
  parent.set(name, child);
  return child;
}

export function noCounts(): UsageCounts {
  return { requests: 0, input: 0, output: 0, cached: 0, reasoning: 0, spentNano: 0, savedNano: 0 };
}
