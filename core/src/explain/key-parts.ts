import { canonicalJson, isJsonObject, OPERATION_SPECS, type JsonObject, type JsonValue } from '@isartor/shared';
import type { ParsedRequest } from '@isartor/shared';
import { sha256Hex } from '../sha256-hex.ts';

/** A body may have as many fields as values fit in it; so many of them are named. */
const MAX_FIELDS = 256;

/** The parts of the envelope `[1, operation, pathParameters, answerHeaders, session or null, body']`, in its order. */
export const PART_NAMES = ['version', 'operation', 'path_parameters', 'answer_headers', 'session', 'body'] as const;

/**
 * What a request's cache key is made of, part by part, each with the SHA-256 of its canonical JSON; of the body each
 * field. Two requests of one tenant share answers when all of these are equal.
 */
export function keyParts(envelope: readonly JsonValue[], { operation, body }: ParsedRequest): JsonObject {
  const parts: Record<string, JsonValue> = {};
  for (const [at, name] of PART_NAMES.entries()) {
    if (name !== 'body') parts[name] = hashed(envelope[at] ?? null);
  }
  const kept = envelope[PART_NAMES.indexOf('body')];
  const fields = isJsonObject(kept) ? Object.keys(kept).toSorted() : [];
  const hashes: Record<string, JsonValue> = {};
  for (const name of fields.slice(0, MAX_FIELDS)) hashes[name] = isJsonObject(kept) ? hashed(kept[name] ?? null) : null;
  const left = Object.keys(body).filter((name) => !fields.includes(name));
  return {
    ...parts,
    body: hashes,
    ...(fields.length > MAX_FIELDS ? { more_fields: fields.length - MAX_FIELDS } : {}),
    left_out: left.slice(0, MAX_FIELDS),
    never_counted: [...OPERATION_SPECS[operation].ignoredFields],
  };
}

function hashed(value: JsonValue): string {
  return sha256Hex(canonicalJson(value));
}
