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
  const bearer = BEARER.exec(header('authorization') ?? '')?.[1];
  const sent = [bearer, ...KEY_HEADERS.map((name) => header(name)), queryKey]
    .map((value) => value?.trim())
    .filter((value) => value !== undefined && value !== '');
  const [first, ...others] = sent;
  if (first === undefined) {
    throw new GatewayError('invalid_api_key', 'No API key was sent: use Authorization: Bearer <key> or X-API-Key.');
  }
  if (others.some((other) => other !== first)) {
    throw new GatewayError('conflicting_credentials', 'The request carries two API keys that differ: send one.');
  }
  return first;
}
