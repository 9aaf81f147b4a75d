import { GatewayError } from '../error/gateway-error.ts';
import type { HeaderReader } from '../layer/headers.ts';

/** Headers that carry a bare key, as the SDKs send it. `authorization` carries it after `Bearer`. */
const KEY_HEADERS = ['x-api-key', 'api-key', 'x-goog-api-key'] as const;
const BEARER = /^Bearer +(\S.*)$/i;

/**
 * The caller's API key, from `Authorization: Bearer`, `x-api-key`, `api-key`, `x-goog-api-key` or `?key=`.
 * Throws GatewayError: `invalid_api_key` where there is none, `conflicting_credentials` where two differ.
 */
export function readCredential(header: HeaderReader, queryKey?: string): string {
  let first = keyIn(BEARER.exec(header('authorization') ?? '')?.[1]);
  for (const name of KEY_HEADERS) first = agreed(first, keyIn(header(name)));
  first = agreed(first, keyIn(queryKey));
  if (first === undefined) {
    throw new GatewayError('invalid_api_key', 'No API key was sent: use Authorization: Bearer <key> or X-API-Key.');
  }
  return first;
}

function keyIn(value: string | undefined): string | undefined {
  const key = value?.trim();
  return key === '' ? undefined : key;
}

function agreed(first: string | undefined, other: string | undefined): string | undefined {
  if (first !== undefined && other !== undefined && first !== other) {
    throw new GatewayError('conflicting_credentials', 'The request carries two API keys that differ: send one.');
  }
  return first ?? other;
}
