import { canonicalJson } from '../json/canonical-json.ts';
import type { JsonValue } from '../json/json-value.ts';

/**
 * Hex SHA-256 of a text's UTF-8 bytes, given by the runtime: `createHash` of node:crypto in both (four times as fast on
 * small bodies as Web Crypto, and synchronous).
 */
export type Sha256Hex = (text: string) => string;

/**
 * The digest that names a request's answer: SHA-256 of the canonical JSON of `[tenant, envelope]`. The tenant comes
 * from the API key. 64 lower-case hex digits.
 */
export function cacheDigest(tenant: string, envelope: readonly JsonValue[], sha256Hex: Sha256Hex): string {
  return sha256Hex(canonicalJson([tenant, envelope]));
}
