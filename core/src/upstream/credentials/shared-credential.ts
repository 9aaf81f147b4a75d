import { GatewayError } from '@isartor/shared';
import { REAL_TIME, type Time } from '../time.ts';

/** Longest wait for new credentials. */
const FETCH_MS = 10_000;
/** New ones are got so long before the old ones expire, at most; of short-lived ones in the last fifth of their life. */
const EARLY_MS = 300_000;
const EARLY_SHARE = 0.2;
/** After a failure, and after new ones were got because a provider refused the old, nobody asks again so soon. */
const PAUSE_MS = 5_000;
/** Of credentials that do not say when they expire. */
const UNSAID_MS = 3_600_000;

/** Credentials for a while. */
export interface Lease<Value> {
  readonly value: Value;
  /** Unix time in milliseconds; undefined: not said. */
  readonly expiresAtMs: number | undefined;
}

/** Where credentials come from; it must end when the signal does. What it throws may hold secrets: it is shown nobody. */
export type LeaseSource<Value> = (signal: AbortSignal) => Promise<Lease<Value>>;

interface Held<Value> {
  readonly value: Value;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * Credentials that all calls of a provider share: got with the first call, renewed before they expire while calls go on
 * with the old, one request for them at a time.
 */
export class SharedCredential<Value extends object | string> {
  private held: Held<Value> | undefined;
  private fetching: Promise<Value> | undefined;
  /** On the clock that only goes forward. */
  private pausedUntilMs = Number.NEGATIVE_INFINITY;
  private forcedAtMs = Number.NEGATIVE_INFINITY;

  /** @param provider for messages */
  constructor(
    private readonly provider: string,
    private readonly source: LeaseSource<Value>,
    private readonly time: Time = REAL_TIME,
  ) {}

  /** Throws a GatewayError `upstream_refused_us` where there are none within ten seconds, the signal's reason where it is aborted. */
  async get(signal: AbortSignal): Promise<Value> {
    const { held } = this;
    const nowMs = this.time.unixMs();
    if (held !== undefined && nowMs < held.renewAtMs) return held.value;
    const next = this.fetchOnce();
    if (held !== undefined && nowMs < held.expiresAtMs) {
      // Tried again by a later call as long as the old ones are good.
      next.catch(() => undefined);
      return held.value;
    }
    return untilAborted(next, signal);
  }

  /**
   * What to try instead where a provider refused a call made with `value`. Undefined: nothing, for it has just been got, so
   * it is not its age, or no other is to be had. All other calls go on with it meanwhile: it may be that call alone that
   * may not do what it asks.
   */
  async instead(value: Value, signal: AbortSignal): Promise<Value | undefined> {
    // Another call was refused before, and has seen to it.
    if (this.held !== undefined && this.held.value !== value) return this.held.value;
    const nowMs = this.time.nowMs();
    if (this.fetching === undefined) {
      if (nowMs - this.forcedAtMs < PAUSE_MS) return undefined;
      this.forcedAtMs = nowMs;
    }
    const next = await untilAborted(this.fetchOnce(), signal).catch(() => undefined);
    return next === value ? undefined : next;
  }

  private fetchOnce(): Promise<Value> {
    if (this.fetching !== undefined) return this.fetching;
    if (this.time.nowMs() < this.pausedUntilMs) return Promise.reject(this.fault('their source has just failed'));
    this.fetching = this.fetch().finally(() => (this.fetching = undefined));
    return this.fetching;
  }

  private async fetch(): Promise<Value> {
    const late = new AbortController();
    const cancel = this.time.after(FETCH_MS, () => late.abort(new Error('too late')));
    try {
      const { value, expiresAtMs: said } = await untilAborted(this.source(late.signal), late.signal);
      const nowMs = this.time.unixMs();
      const expiresAtMs = said ?? nowMs + UNSAID_MS;
      const early = Math.min(EARLY_MS, Math.max(0, expiresAtMs - nowMs) * EARLY_SHARE);
      this.held = { value, expiresAtMs, renewAtMs: expiresAtMs - early };
      return value;
    } catch (error) {
      this.pausedUntilMs = this.time.nowMs() + PAUSE_MS;
      throw this.fault(late.signal.aborted ? 'their source did not answer in time' : reasonOf(error));
    } finally {
      cancel();
    }
  }

  private fault(reason: string): GatewayError {
    const message = `The gateway got no credentials for the provider ${this.provider}: ${reason}. This is for the operator to mend.`;
    return new GatewayError('upstream_refused_us', message);
  }
}

/** Of a failure only what cannot hold a secret: our own words, or a status or a code. */
function reasonOf(error: unknown): string {
  if (error instanceof GatewayError) return error.message.replace(/\.$/, '');
  if (typeof error !== 'object' || error === null) return 'their source failed';
  if ('status' in error && typeof error.status === 'number') return `their source failed (${error.status})`;
  return 'code' in error && typeof error.code === 'string' && /^[A-Z_]{2,40}$/.test(error.code)
    ? `their source failed (${error.code})`
    : 'their source failed';
}

async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
