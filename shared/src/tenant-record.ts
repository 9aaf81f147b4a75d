import type { JsonValue } from './json/json-value.ts';
import { isJsonArray, isJsonObject, parseJson } from './json/json-value.ts';
import type { LayerName } from './layer/layer-name.ts';
import { LAYER_NAMES } from './layer/layer-name.ts';

/** What is in force for a tenant's stored answers. Lives in Redis; both edge and core obey it. */
export interface TenantRecord {
  /** `<unix ms>-<random>`. An entry counts only while it carries this epoch: a purge is a new one. */
  readonly epoch: string;
  /** Layers whose answers must not be served: the kill switch. */
  readonly off: readonly LayerName[];
  /** Digests of entries that were reported wrong. */
  readonly quarantine: readonly string[];
}

/** Beyond so many reported entries the epoch is renewed instead. */
export const MAX_QUARANTINE = 256;

const EPOCH = /^(\d{1,15})-[0-9a-zA-Z]{1,64}$/;
const DIGEST = /^[0-9a-f]{64}$/;

/**
 * Reads a record. What is damaged gives undefined, and that is a miss. A name in `off` that this version does not know
 * is skipped: it can only be a layer of a later version, whose entries this one does not serve.
 */
export function parseTenantRecord(text: string): TenantRecord | undefined {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { epoch, off, quarantine } = value;
  if (typeof epoch !== 'string' || !EPOCH.test(epoch)) return undefined;
  if (!isJsonArray(off) || !off.every(isString)) return undefined;
  if (!isJsonArray(quarantine) || quarantine.length > MAX_QUARANTINE) return undefined;
  if (!quarantine.every((digest) => isString(digest) && DIGEST.test(digest))) return undefined;
  return { epoch, off: LAYER_NAMES.filter((layer) => off.includes(layer)), quarantine: quarantine.filter(isString) };
}

/** The record as it is kept in Redis. */
export function encodeTenantRecord(record: TenantRecord): string {
  return JSON.stringify({ epoch: record.epoch, off: record.off, quarantine: record.quarantine });
}

/** A new epoch, later than the previous one even when the clock went back. `nowMs` is unix milliseconds. */
export function nextEpoch(nowMs: number, previous: string | undefined): string {
  const ms = Math.max(Math.floor(nowMs), previous === undefined ? 0 : epochMs(previous) + 1);
  const random = crypto.getRandomValues(new Uint32Array(2));
  return `${ms}-${Array.from(random, (word) => word.toString(16).padStart(8, '0')).join('')}`;
}

/** Negative when `a` is earlier than `b`, 0 when they are one, positive when it is later. The random part breaks a tie. */
export function compareEpochs(a: string, b: string): number {
  const apart = epochMs(a) - epochMs(b);
  if (apart !== 0) return apart;
  return a === b ? 0 : a < b ? -1 : 1;
}

/**
 * The later of two epochs, or of two records by their epochs: a reader that has seen a later one treats an earlier one
 * as missing. Of two with one epoch the second, which is to be the one read last.
 */
export function latest<T extends string | TenantRecord>(seen: T | undefined, read: T | undefined): T | undefined {
  if (seen === undefined || read === undefined) return read ?? seen;
  return compareEpochs(epochOf(seen), epochOf(read)) > 0 ? seen : read;
}

function epochOf(of: string | TenantRecord): string {
  return typeof of === 'string' ? of : of.epoch;
}

/** Unix milliseconds of an epoch; 0 for what is none. */
function epochMs(epoch: string): number {
  return Number(EPOCH.exec(epoch)?.[1] ?? 0);
}

function isString(value: JsonValue): value is string {
  return typeof value === 'string';
}
