import { GatewayError, LAYER_NAMES, type LayerName } from '@isartor/shared';
import { invalidField, readJsonBody, refuseUnknownFields } from '../read-json-body.ts';

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
  throw invalidField('tenant', missing ? 'is missing' : 'must match [a-z0-9-]{1,64}');
}

/** A stored entry's digest, as `x-isartor-entry` tells it, or GatewayError. */
export function readDigest(value: string): string {
  if (DIGEST.test(value)) return value;
  throw invalidField('digest', 'must be the 64 hex digits of x-isartor-entry');
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
  const value = readJsonBody(body, '{"tenant": "…", "layer": "…"}');
  refuseUnknownFields(value, ['tenant', 'layer']);
  const tenant = readTenant(value['tenant']);
  const layer = SWITCHABLE.find((name) => name === value['layer']);
  if (layer === undefined) throw invalidField('layer', `must be one of ${SWITCHABLE.join(', ')}`);
  return { tenant, layer };
}

function readFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  if (value === null || value === 'false') return false;
  if (value === 'true') return true;
  throw new GatewayError('invalid_query', `\`${name}\` must be true or false.`, { param: name });
}
