import {
  GatewayError,
  isJsonObject,
  LAYER_NAMES,
  parseJson,
  scanJson,
  type JsonValue,
  type LayerName,
} from '@isartor/shared';

const TENANT = /^[a-z0-9-]{1,64}$/;
const DIGEST = /^[0-9a-f]{64}$/;
/** L0 stores nothing: there is nothing of it to switch off. */
const SWITCHABLE = LAYER_NAMES.filter((layer) => layer !== 'l0');

/** How a change is meant. */
export interface ChangeOptions {
  /** Say what would change, and change nothing. */
  readonly dryRun: boolean;
  /** Also for a tenant that the configuration does not know (any more). */
  readonly force: boolean;
}

/** A tenant's id, or GatewayError naming the field. */
export function readTenant(value: unknown): string {
  if (typeof value === 'string' && TENANT.test(value)) return value;
  const missing = value === undefined || value === null;
  throw invalid('tenant', missing ? 'is missing' : 'must match [a-z0-9-]{1,64}');
}

/** A stored entry's digest, as `x-isartor-entry` tells it, or GatewayError. */
export function readDigest(value: string): string {
  if (DIGEST.test(value)) return value;
  throw invalid('digest', 'must be the 64 hex digits of x-isartor-entry');
}

/** Reads the query; `tenant` only where it belongs there. Throws GatewayError naming what is wrong. */
export function readChangeQuery(query: URLSearchParams, names: readonly string[]): ChangeOptions {
  for (const name of query.keys()) {
    if (names.includes(name) && query.getAll(name).length === 1) continue;
    const problem = names.includes(name) ? 'is given twice' : `is not known here; there are: ${names.join(', ')}`;
    throw new GatewayError('invalid_query', `\`${name.slice(0, 64)}\` ${problem}.`, { param: name.slice(0, 64) });
  }
  return { dryRun: readFlag(query, 'dry_run'), force: readFlag(query, 'force') };
}

/** Reads `{"tenant","layer"}`. Throws GatewayError naming the field. */
export function readSwitch(body: unknown): { tenant: string; layer: LayerName } {
  const value = readBody(body);
  if (!isJsonObject(value)) throw invalid('body', 'must be an object: {"tenant": "…", "layer": "…"}');
  const unknown = Object.keys(value).find((name) => name !== 'tenant' && name !== 'layer');
  if (unknown !== undefined) throw invalid(unknown.slice(0, 64), 'is not known here; there are: tenant, layer');
  const tenant = readTenant(value['tenant']);
  const layer = SWITCHABLE.find((name) => name === value['layer']);
  if (layer === undefined) throw invalid('layer', `must be one of ${SWITCHABLE.join(', ')}`);
  return { tenant, layer };
}

function readBody(body: unknown): JsonValue {
  if (!(body instanceof Uint8Array) || body.byteLength === 0) throw invalid('body', 'is missing');
  scanJson(body);
  try {
    return parseJson(new TextDecoder().decode(body));
  } catch {
    throw new GatewayError('invalid_json', 'The body is not JSON.');
  }
}

function readFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  if (value === null || value === 'false') return false;
  if (value === 'true') return true;
  throw new GatewayError('invalid_query', `\`${name}\` must be true or false.`, { param: name });
}

function invalid(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_request', `\`${param}\` ${problem}.`, { param });
}
