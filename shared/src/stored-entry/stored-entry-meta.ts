import type { JsonValue } from '../json/json-value.ts';
import { isJsonObject, parseJson } from '../json/json-value.ts';
import type { LayerName } from '../layer/layer-name.ts';
import { LAYER_NAMES } from '../layer/layer-name.ts';
import type { Operation } from '../operation.ts';
import { OPERATIONS } from '../operation.ts';
import type { Usage } from '../price/usage.ts';

/** What is known of a stored answer without reading it. Times are unix milliseconds. */
export interface StoredEntryMeta {
  readonly v: 1;
  readonly status: 200;
  /** `application/json`, or `text/event-stream` for a stream without final usage, which serves streams only. */
  readonly contentType: string;
  readonly operation: Operation;
  /** The layer whose model made the text: l2 or l3. */
  readonly layer: LayerName;
  readonly provider: string;
  readonly model: string;
  readonly createdAt: number;
  /** When it stops being fresh. */
  readonly freshUntil: number;
  /** When it stops being of any use; Redis drops it then. */
  readonly staleUntil: number;
  /** The tenant's epoch as it was read before the answer was asked for. */
  readonly epoch: string;
  /** Hash of what decided the answer. */
  readonly policy: string;
  /** The layer that first produced this entry: l2 or l3, or l1b for a copy that the semantic cache made. */
  readonly origin: LayerName;
  /** The digest of the entry that was copied, else null. */
  readonly source: string | null;
  readonly usage: Usage | null;
  /** The body's length, by which one that was cut is known; absent from entries of earlier writers. */
  readonly bodyBytes?: number;
}

/** The metadata line, without its newline; the fields always stand in one order. */
export function encodeMeta(meta: StoredEntryMeta): string {
  const { v, status, contentType, operation, layer, provider, model, createdAt, freshUntil, staleUntil } = meta;
  const { epoch, policy, origin, source, usage, bodyBytes } = meta;
  return JSON.stringify({
    v,
    status,
    contentType,
    operation,
    layer,
    provider,
    model,
    createdAt,
    freshUntil,
    staleUntil,
    epoch,
    policy,
    origin,
    source,
    usage,
    bodyBytes,
  });
}

/**
 * Reads a metadata line. Undefined, which is a miss, for damage, for another version, and for an entry with `enc` (an
 * encrypted body, reserved). Further fields are skipped: a later writer may add what changes nothing.
 */
export function decodeMeta(line: string): StoredEntryMeta | undefined {
  let value: JsonValue;
  try {
    value = parseJson(line);
  } catch {
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { v, status, contentType, provider, model, createdAt, freshUntil, staleUntil, epoch, policy, bodyBytes } =
    value;
  const operation = OPERATIONS.find((name) => name === value['operation']);
  const layer = LAYER_NAMES.find((name) => name === value['layer']);
  const origin = LAYER_NAMES.find((name) => name === value['origin']);
  const source = value['source'];
  const usage = readUsage(value['usage']);
  if (v !== 1 || status !== 200 || value['enc'] !== undefined) return undefined;
  if (operation === undefined || layer === undefined || origin === undefined || usage === undefined) return undefined;
  if (!isText(contentType) || !isText(epoch) || !isText(policy)) return undefined;
  if (typeof provider !== 'string' || typeof model !== 'string') return undefined;
  if (!isTime(createdAt) || !isTime(freshUntil) || !isTime(staleUntil)) return undefined;
  if (source !== null && !isText(source)) return undefined;
  if (bodyBytes !== undefined && !isCount(bodyBytes)) return undefined;
  return {
    v,
    status,
    contentType,
    operation,
    layer,
    provider,
    model,
    createdAt,
    freshUntil,
    staleUntil,
    epoch,
    policy,
    origin,
    source,
    usage,
    ...(bodyBytes !== undefined && { bodyBytes }),
  };
}

/** Undefined when it is neither null nor usage. */
function readUsage(value: JsonValue | undefined): Usage | null | undefined {
  if (value === null) return null;
  if (!isJsonObject(value)) return undefined;
  const { input, output, cachedInput, cacheWrite, cacheWriteLong, reasoning } = value;
  if (!isCount(input) || !isCount(output)) return undefined;
  return {
    input,
    output,
    ...(isCount(cachedInput) && { cachedInput }),
    ...(isCount(cacheWrite) && { cacheWrite }),
    ...(isCount(cacheWriteLong) && { cacheWriteLong }),
    ...(isCount(reasoning) && { reasoning }),
  };
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function isTime(value: JsonValue | undefined): value is number {
  return isCount(value) && Number.isSafeInteger(value);
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === 'number' && value >= 0;
}
