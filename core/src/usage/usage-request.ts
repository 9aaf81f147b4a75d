import { GatewayError } from '@isartor/shared';
import { HOUR_MS } from './usage-ledger.port.ts';
import { USAGE_GROUPS, type UsageGroup } from './usage-groups.ts';

/** What of its usage a caller wants to know. */
export interface UsageRequest {
  /** Hours since 1970, both included. */
  readonly fromHour: number;
  readonly toHour: number;
  /** By what it is told apart. */
  readonly groups: readonly UsageGroup[];
  readonly format: 'json' | 'csv';
  /** Undefined: not said. */
  readonly tenant: string | undefined;
}

const NAMES = ['from', 'to', 'group', 'format', 'tenant'];
const TENANT = /^[a-z0-9-]{1,64}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
/** What is told where nothing is said: today and yesterday's same hours. */
const DEFAULT_HOURS = 24;

/** Reads the query. Throws GatewayError naming what is wrong. */
export function readUsageRequest(query: URLSearchParams, nowMs: number): UsageRequest {
  for (const name of query.keys()) {
    if (!NAMES.includes(name)) throw invalid(name, `is not known here; there are: ${NAMES.join(', ')}`);
    if (query.getAll(name).length > 1) throw invalid(name, 'is given twice');
  }
  const toHour = readHour(query, 'to') ?? Math.floor(nowMs / HOUR_MS);
  const fromHour = readHour(query, 'from') ?? toHour - DEFAULT_HOURS + 1;
  if (fromHour > toHour) throw invalid('from', 'is after `to`');
  return { fromHour, toHour, groups: readGroups(query), format: readFormat(query), tenant: readTenant(query) };
}

/** The hour that a day or an instant lies in: of a day the first, and as the end of a range the last. */
function readHour(query: URLSearchParams, name: 'from' | 'to'): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const ms = DAY.test(text) || INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw invalid(name, 'must be a day such as 2026-03-01 or an instant such as 2026-03-01T12:00Z');
  const hour = Math.floor(ms / HOUR_MS);
  return name === 'to' && DAY.test(text) ? hour + 23 : hour;
}

function readGroups(query: URLSearchParams): readonly UsageGroup[] {
  const text = query.get('group');
  if (text === null) return USAGE_GROUPS.filter((group) => group !== 'day');
  if (text === '') return [];
  return text.split(',').map((item) => {
    const group = USAGE_GROUPS.find((known) => known === item.trim());
    if (group === undefined) throw invalid('group', `must be a comma list of ${USAGE_GROUPS.join(', ')}`);
    return group;
  });
}

function readFormat(query: URLSearchParams): 'json' | 'csv' {
  const format = query.get('format') ?? 'json';
  if (format !== 'json' && format !== 'csv') throw invalid('format', 'must be json or csv');
  return format;
}

function readTenant(query: URLSearchParams): string | undefined {
  const tenant = query.get('tenant') ?? undefined;
  if (tenant !== undefined && !TENANT.test(tenant)) throw invalid('tenant', 'must match [a-z0-9-]{1,64}');
  return tenant;
}

function invalid(name: string, problem: string): GatewayError {
  return new GatewayError('invalid_query', `\`${name.slice(0, 64)}\` ${problem}.`, { param: name.slice(0, 64) });
}
