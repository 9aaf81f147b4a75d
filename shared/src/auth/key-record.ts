import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '../json/json-value.ts';
import { LAYER_NAMES, isLayerName, type LayerName } from '../layer/layer-name.ts';
import { KeyListError } from './key-list-error.ts';

/** What a key may have from the caches: nothing, exact repeats, or paraphrases too. */
export const CACHE_POLICIES = ['off', 'exact', 'both'] as const;
export type CachePolicy = (typeof CACHE_POLICIES)[number];

/** One API key as operators write it down: its digest, never the key. */
export interface KeyRecord {
  /** Whose data the key leads to; `[a-z0-9-]{1,64}`, never given to somebody else later. */
  readonly tenant: string;
  /** Which of the tenant's keys this is, for logs. */
  readonly name: string;
  /** Lower-case hex SHA-256 of the key's UTF-8 bytes. */
  readonly sha256: string;
  /** The last moment at which the key is good, in unix milliseconds. */
  readonly notAfter: number | undefined;
  readonly cache: CachePolicy;
  /** How long this key's answers are kept and how old they may be, in seconds; undefined: as configured. */
  readonly ttlSecs: number | undefined;
  /** The only layers that may answer this key; undefined: all. */
  readonly layers: readonly LayerName[] | undefined;
}

const TENANT = /^[a-z0-9-]{1,64}$/;
const SHA256 = /^[0-9a-f]{64}$/i;
const MEMBERS = ['tenant', 'name', 'sha256', 'not_after', 'cache', 'ttl', 'layers'];
/** A number above it is milliseconds by mistake: as seconds it lies beyond the year 5000. */
const MAX_UNIX_SECONDS = 100_000_000_000;

/**
 * Reads one record by the closed schema `{tenant, name, sha256, not_after?, cache?, ttl?, layers?}`, from its JSON text
 * or from the parsed value. Throws KeyListError with the path of the fault below `path`.
 */
export function parseKeyRecord(value: JsonValue | undefined, path = ''): KeyRecord {
  const member = typeof value === 'string' ? parsed(value, path) : value;
  if (!isJsonObject(member)) throw new KeyListError(path, 'must be an object');
  return readRecord(member, path);
}

/** The record as JSON text, such as `isartor:v1:key:<sha256>` holds it; `parseKeyRecord` reads it back. */
export function encodeKeyRecord(record: KeyRecord): string {
  return JSON.stringify({
    tenant: record.tenant,
    name: record.name,
    sha256: record.sha256,
    not_after: record.notAfter === undefined ? undefined : new Date(record.notAfter).toISOString(),
    cache: record.cache,
    ttl: record.ttlSecs,
    layers: record.layers,
  });
}

function parsed(text: string, path: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    // The parser's own message quotes the text.
    throw new KeyListError(path, 'must be JSON');
  }
}

function readRecord(record: JsonObject, path: string): KeyRecord {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  for (const name of Object.keys(record)) {
    if (!MEMBERS.includes(name)) {
      // A name from outside could be a secret in the wrong place: only what looks like a name is said.
      const known = MEMBERS.join(', ');
      const where = /^[A-Za-z_]{1,32}$/.test(name) ? at(name) : path;
      throw new KeyListError(where, `is not known here: a record has ${known}`);
    }
  }
  return {
    tenant: readText(record['tenant'], at('tenant'), TENANT, 'must match [a-z0-9-]{1,64}'),
    name: readText(record['name'], at('name'), /^[^\p{C}]{1,64}$/u, 'must be a text of 1 to 64 visible characters'),
    sha256: readText(record['sha256'], at('sha256'), SHA256, 'must be 64 hexadecimal digits').toLowerCase(),
    notAfter: readNotAfter(record['not_after'], at('not_after')),
    cache: readCache(record['cache'], at('cache')),
    ttlSecs: readTtl(record['ttl'], at('ttl')),
    layers: readLayers(record['layers'], at('layers')),
  };
}

function readText(value: JsonValue | undefined, path: string, pattern: RegExp, rule: string): string {
  if (value === undefined) throw new KeyListError(path, 'is missing');
  if (typeof value !== 'string' || !pattern.test(value)) throw new KeyListError(path, rule);
  return value;
}

function readCache(value: JsonValue | undefined, path: string): CachePolicy {
  if (value === undefined) return 'both';
  const policy = CACHE_POLICIES.find((name) => name === value);
  if (policy === undefined) throw new KeyListError(path, `must be one of ${CACHE_POLICIES.join(', ')}`);
  return policy;
}

function readTtl(value: JsonValue | undefined, path: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw new KeyListError(path, 'must be a whole number of seconds, at least 1');
  }
  return value;
}

function readLayers(value: JsonValue | undefined, path: string): readonly LayerName[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0) {
    throw new KeyListError(path, `must be a list of at least one of ${LAYER_NAMES.join(', ')}`);
  }
  return value.map((name: JsonValue, index) => {
    if (!isLayerName(name)) throw new KeyListError(`${path}[${index}]`, `must be one of ${LAYER_NAMES.join(', ')}`);
    return name;
  });
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const ISO_INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Unix seconds, an ISO instant with its zone, or an ISO date, which means through the end of that day in UTC. */
function readNotAfter(value: JsonValue | undefined, path: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value > 0 && value <= MAX_UNIX_SECONDS) return Math.floor(value * 1000);
  if (typeof value === 'string') {
    const day = ISO_DATE.test(value) ? value : ISO_INSTANT.exec(value)?.[1];
    // Date.parse carries 30 February over into March; a day that does not come back as it went in is none.
    if (day !== undefined && isCalendarDay(day)) {
      const instant = Date.parse(day === value ? `${value}T23:59:59.999Z` : value);
      if (!Number.isNaN(instant)) return instant;
    }
  }
  throw new KeyListError(path, 'must be an ISO 8601 date, an ISO instant with its time zone, or unix seconds');
}

function isCalendarDay(day: string): boolean {
  const instant = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(day);
}
