import { isJsonArray, isJsonObject, parseJson, type JsonObject, type JsonValue } from '@isartor/shared';
import { retryAfterMs } from '../../upstream/retry.ts';

/** Why a key rests: too many requests, its money or quota is used up, or it is no key any more. */
export type RestReason = 'limited' | 'quota' | 'revoked';

/** What an answer says about the key that it was asked with. */
export interface KeyVerdict {
  readonly why: RestReason;
  /** How long the key rests, in ms. */
  readonly restMs: number;
}

/** Where the provider does not say how long. */
const LIMITED_MS = 10_000;
const QUOTA_MS = 300_000;
/** Then one request tries the key again: its owner may have put it right. */
const REVOKED_MS = 600_000;
/** No provider's word is taken for longer. */
const MAX_MS = 3_600_000;
/** Of a limit, which may be one model's alone, for less: then one request tries the key again. */
const MAX_LIMITED_MS = 60_000;

/** Statuses whose body may say something about the key. */
export const JUDGED_STATUSES: ReadonlySet<number> = new Set([400, 401, 402, 403, 429]);

/** OpenAI's codes, and the reasons in Google's `ErrorInfo`, for a key that is none (any more). */
const REVOKED: ReadonlySet<string> = new Set([
  'invalid_api_key',
  'account_deactivated',
  'API_KEY_INVALID',
  'API_KEY_EXPIRED',
  'CONSUMER_SUSPENDED',
]);
const QUOTA: ReadonlySet<string> = new Set(['insufficient_quota', 'billing_not_active', 'billing_hard_limit_reached']);
/** Beginnings of messages alone: what follows may quote the request. */
const REVOKED_MESSAGE = /^(API key (not valid|expired)|Your API key was reported as leaked)/;
const QUOTA_MESSAGE = /^Your credit balance is too low/;
/** OpenAI says so with 401 of a good key that may not do this. */
const NOT_ALLOWED = /^You have insufficient permissions/;
/** OpenAI says so with 429 of a request that no key of this account may send. */
const TOO_LARGE = /^Request too large/;

/**
 * What a refusal says about the key. Only structured codes and the beginnings of known messages count, so that no
 * request can make a provider say it. Undefined: nothing.
 *
 * @param text the body, or its beginning
 */
export function keyVerdict(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  text: string,
  unixMs: number,
): KeyVerdict | undefined {
  if (!JUDGED_STATUSES.has(status)) return undefined;
  const error = errorIn(text);
  const words = wordsOf(error);
  const message = typeof error['message'] === 'string' ? error['message'] : '';
  if (
    (status === 401 && !NOT_ALLOWED.test(message)) ||
    words.some((word) => REVOKED.has(word)) ||
    REVOKED_MESSAGE.test(message)
  )
    return { why: 'revoked', restMs: REVOKED_MS };
  const asked = headers['retry-after'];
  const askedMs = retryAfterMs(typeof asked === 'string' ? asked : undefined, unixMs) ?? retryInfoMs(error);
  if (status === 402 || words.some((word) => QUOTA.has(word)) || QUOTA_MESSAGE.test(message))
    return { why: 'quota', restMs: bounded(askedMs ?? QUOTA_MS) };
  if (status !== 429 || TOO_LARGE.test(message)) return undefined;
  return { why: 'limited', restMs: bounded(askedMs ?? LIMITED_MS, MAX_LIMITED_MS) };
}

function bounded(ms: number, maxMs = MAX_MS): number {
  return Math.min(maxMs, Math.max(1, Math.ceil(ms)));
}

function errorIn(text: string): JsonObject {
  try {
    const body = parseJson(text);
    // Gemini's stream without SSE is a list.
    const first: JsonValue | undefined = isJsonArray(body) ? body[0] : body;
    const error = isJsonObject(first) ? first['error'] : undefined;
    return isJsonObject(error) ? error : {};
  } catch {
    return {};
  }
}

function wordsOf(error: JsonObject): readonly string[] {
  const reasons = detailsOf(error).map(({ reason }) => reason);
  return [error['code'], error['type'], ...reasons].filter((word) => typeof word === 'string');
}

/** Google's `RetryInfo`: `"retryDelay": "34.4s"`. */
function retryInfoMs(error: JsonObject): number | undefined {
  for (const { retryDelay } of detailsOf(error)) {
    const [, seconds] = typeof retryDelay === 'string' ? (/^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(retryDelay) ?? []) : [];
    if (seconds !== undefined) return Number(seconds) * 1_000;
  }
  return undefined;
}

function detailsOf(error: JsonObject): readonly JsonObject[] {
  const details = error['details'];
  return isJsonArray(details) ? details.filter((detail) => isJsonObject(detail)) : [];
}
