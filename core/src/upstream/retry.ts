/** How often and how patiently a failed call is made again. */
export interface RetryPolicy {
  /** Most calls for one request, the first one and all servers together. */
  readonly maxCalls: number;
  /** The bound of the first wait in ms; it doubles with each further one. */
  readonly baseWaitMs: number;
  /** No wait is longer, in ms: what a server asks for beyond it is not waited for. */
  readonly maxWaitMs: number;
}

/** What is known before a call is made again. */
export interface RetryFacts {
  /** Calls made so far. */
  readonly calls: number;
  /** What the server asked for, in ms. */
  readonly retryAfterMs: number | undefined;
  /** What is left of the request's time, in ms. */
  readonly leftMs: number;
}

/**
 * How long to wait before the same server is asked again, in ms; undefined: not worth waiting for. What the server asked
 * for, and full jitter on top, so that those who were refused together do not come back together.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function waitBeforeRetry(policy: RetryPolicy, facts: RetryFacts, random: () => number): number | undefined {
  const asked = facts.retryAfterMs ?? 0;
  if (asked > policy.maxWaitMs) return undefined;
  const bound = Math.min(policy.maxWaitMs, policy.baseWaitMs * 2 ** (facts.calls - 1));
  const wait = asked + random() * bound;
  return wait < facts.leftMs ? wait : undefined;
}

const SECONDS = /^\d{1,9}(\.\d{1,9})?$/;
/** The three forms of an HTTP date begin with the day's name. */
const DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/** `Retry-After` in ms from now: seconds or an HTTP date (RFC 9110, 10.2.3). Undefined where it says neither. */
export function retryAfterMs(header: string | undefined, unixMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (SECONDS.test(text)) return Number(text) * 1_000;
  const date = DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - unixMs);
}
