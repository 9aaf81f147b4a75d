/** `half-open`: a trial call is under way. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** When a breaker opens, and for how long. */
export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open before a trial, in ms. */
  readonly openMs: number;
}

/** A call that a breaker watches. The first verdict counts; without one, the place of a trial stays taken. */
export interface WatchedCall {
  succeeded(): void;
  failed(): void;
  /** It ended without saying anything about the server: its client left. */
  abandoned(): void;
}

/**
 * Keeps calls from a server that fails: after so many failures in a row it opens, after a while it lets one trial
 * through, whose outcome closes or opens it again. A verdict on a call that began before the breaker last opened or
 * closed is old news and does not count.
 *
 * Of our own because the maintained ones do something else: cockatiel 4 makes callers wait for a running trial, takes a
 * trial that was called off for a success and reads the machine's clock; opossum 10 counts percentages, no rows.
 */
export class CircuitBreaker {
  private current: BreakerState = 'closed';
  private failuresInARow = 0;
  private openedAt = Number.NEGATIVE_INFINITY;
  /** Goes up when it opens or closes. */
  private era = 0;

  constructor(
    private readonly policy: BreakerPolicy,
    private readonly nowMs: () => number,
    private readonly onChange: (state: BreakerState) => void = () => undefined,
  ) {}

  get state(): BreakerState {
    return this.current;
  }

  /** When it last opened, on the clock of `nowMs`; before everything else as long as it never did. */
  get lastOpenedAt(): number {
    return this.openedAt;
  }

  /** Whether a call should be made now. */
  get admits(): boolean {
    if (this.current === 'closed') return true;
    return this.current === 'open' && this.nowMs() - this.openedAt >= this.policy.openMs;
  }

  /** Begins a call. One that begins although the breaker does not admit it is a trial all the same. */
  begin(): WatchedCall {
    if (this.current === 'open') this.become('half-open');
    const begunIn = this.era;
    let judged = false;
    const once = (verdict: () => void) => () => {
      if (judged || begunIn !== this.era) return;
      judged = true;
      verdict();
    };
    return {
      succeeded: once(() => this.succeeded()),
      failed: once(() => this.failed()),
      abandoned: once(() => {
        if (this.current === 'half-open') this.become('open');
      }),
    };
  }

  private succeeded(): void {
    this.failuresInARow = 0;
    if (this.current === 'closed') return;
    this.era += 1;
    this.become('closed');
  }

  private failed(): void {
    this.failuresInARow += 1;
    if (this.current === 'closed' && this.failuresInARow < this.policy.failures) return;
    this.era += 1;
    this.failuresInARow = 0;
    this.openedAt = this.nowMs();
    this.become('open');
  }

  private become(state: BreakerState): void {
    if (this.current === state) return;
    this.current = state;
    this.onChange(state);
  }
}
