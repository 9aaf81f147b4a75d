import type { JsonObject, JsonValue } from '../json/json-value.ts';
import type { HeaderReader } from '../layer/headers.ts';
import type { Operation } from '../operation.ts';
import { OPERATION_SPECS } from '../operation.ts';

/** Version of the envelope. Any change to what it holds or how it is written is a new one. */
const ENVELOPE_VERSION = 1;

/** Fields that name the caller's own user; left out of the key only where the operator shares answers between users. */
const USER_FIELDS: readonly string[] = ['user', 'safety_identifier', 'metadata'];

/** Everything that decides an answer, and nothing that does not. */
export interface EnvelopeInput {
  readonly operation: Operation;
  /** What path and query say about the answer, such as a deployment or `api-version`. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly header: HeaderReader;
  /** `x-isartor-session-id`, a scope that the client chose. */
  readonly session: string | undefined;
  readonly body: JsonObject;
  /** `ISARTOR__CACHE_SHARE_USERS`. */
  readonly shareUsers: boolean;
}

/**
 * What the cache key is made of: `[1, operation, pathParameters, answerHeaders, session or null, body']`. `body'` is
 * the body as sent, with no defaults filled in, minus the fields that cannot change the answer; a field that Isartor
 * does not know is in it.
 */
export function cacheEnvelope(input: EnvelopeInput): JsonValue[] {
  const { operation, pathParameters, header, session, body, shareUsers } = input;
  const { answerHeaders, ignoredFields } = OPERATION_SPECS[operation];
  const headers = emptyObject();
  for (const name of answerHeaders) {
    const value = header(name);
    if (value !== undefined) headers[name] = sortedList(value);
  }
  const kept = emptyObject();
  for (const name of Object.keys(body)) {
    const value = body[name];
    if (value === undefined || ignoredFields.includes(name) || (shareUsers && USER_FIELDS.includes(name))) continue;
    kept[name] = value;
  }
  return [ENVELOPE_VERSION, operation, pathParameters, headers, session ?? null, kept];
}

/** Without a prototype no name is special, not even `__proto__`. */
function emptyObject(): Record<string, JsonValue> {
  return { __proto__: null };
}

/** A comma list in one order: `b, a` and `a,b` ask for the same. */
function sortedList(value: string): string {
  return value
    .split(',')
    .map((item) => item.trim())
    .toSorted()
    .join(',');
}
