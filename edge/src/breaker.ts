/** `half-open`: one call is under way to find out. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** When a breaker opens, and for how long; in milliseconds. */
export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long nobody calls before one call is tried. */
  readonly openMs: number;
  /** A trial without a verdict after so long counts as lost: its request was ended by the runtime. */
  readonly trialMs: number;
}

/** A call that a breaker let through: what it was let through under, to tell old verdicts from new ones. */
export type BreakerPass = number;

/**
 * Keeps requests from waiting for what fails: after some failures in a row nobody calls for a while, then one request at
 * a time tries, and the others do not wait. Numbers only, so that nothing of a request outlives it.
 */
export class Breaker {
  #failuresInARow = 0;
  #openedAt: number | undefined;
  #trialBeganAt: number | undefined;
  /** Goes up when it opens or closes: what began before does not count any more. */
  #era = 0;

  constructor(
    private readonly policy: BreakerPolicy,
    private readonly now: () => number,
  ) {}

  get state(): BreakerState {
    if (this.#openedAt === undefined) return 'closed';
    return this.#trialRuns() ? 'half-open' : 'open';
  }

  /** Lets a call through, or `undefined` where it should not be made. */
  begin(): BreakerPass | undefined {
    if (this.#openedAt === undefined) return this.#era;
    if (!this.#past(this.#openedAt, this.policy.openMs) || this.#trialRuns()) return undefined;
    this.#trialBeganAt = this.now();
    return this.#era;
  }

  succeeded(pass: BreakerPass): void {
    if (pass !== this.#era) return;
    this.#failuresInARow = 0;
    if (this.#openedAt === undefined) return;
    this.#openedAt = undefined;
    this.#trialBeganAt = undefined;
    this.#era += 1;
  }

  failed(pass: BreakerPass): void {
    if (pass !== this.#era) return;
    this.#failuresInARow += 1;
    if (this.#openedAt === undefined && this.#failuresInARow < this.policy.failures) return;
    this.#failuresInARow = 0;
    this.#openedAt = this.now();
    this.#trialBeganAt = undefined;
    this.#era += 1;
  }

  /** The caller let go of its call before there was a verdict. */
  gaveUp(pass: BreakerPass): void {
    if (pass === this.#era) this.#trialBeganAt = undefined;
  }

  #trialRuns(): boolean {
    return this.#trialBeganAt !== undefined && !this.#past(this.#trialBeganAt, this.policy.trialMs);
  }

  /** A clock that was put back must not keep it open for longer. */
  #past(at: number, ms: number): boolean {
    return Math.abs(this.now() - at) >= ms;
  }
}
