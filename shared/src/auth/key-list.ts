import { parseJson, type JsonValue } from '../json/json-value.ts';
import { KeyListError } from './key-list-error.ts';
import { parseKeyRecord, type KeyRecord } from './key-record.ts';

/**
 * Reads `ISARTOR__AUTH__KEYS`: a JSON list of key records. Throws KeyListError, which names the place of the fault
 * (`[1].tenant`) and never a value.
 */
export function parseKeyList(json: string): readonly KeyRecord[] {
  const list = parsed(json);
  if (!Array.isArray(list)) throw new KeyListError('', 'must be a JSON array of objects');
  const records = list.map((value: JsonValue, index) => {
    const path = `[${index}]`;
    if (typeof value === 'string') throw new KeyListError(path, 'must be an object');
    return parseKeyRecord(value, path);
  });
  assertOneTenantPerKey(records);
  return records;
}

/** The record of `ISARTOR__GATEWAY_API_KEY`, the key of tenant `default`. */
export function gatewayKey(plain: string, sha256Hex: (text: string) => string): KeyRecord {
  return {
    tenant: 'default',
    name: 'gateway',
    sha256: sha256Hex(plain),
    notAfter: undefined,
    cache: 'both',
    ttlSecs: undefined,
    layers: undefined,
  };
}

/** Throws KeyListError when one key leads to two tenants. */
export function assertOneTenantPerKey(records: readonly KeyRecord[]): void {
  const tenants = new Map<string, string>();
  for (const [index, record] of records.entries()) {
    const tenant = tenants.get(record.sha256);
    if (tenant !== undefined && tenant !== record.tenant) {
      throw new KeyListError(`[${index}].sha256`, `is the key of two tenants, ${tenant} and ${record.tenant}`);
    }
    tenants.set(record.sha256, record.tenant);
  }
}

function parsed(json: string): JsonValue {
  try {
    return parseJson(json);
  } catch {
    // The parser's own message quotes the text.
    throw new KeyListError('', 'must be JSON');
  }
}
