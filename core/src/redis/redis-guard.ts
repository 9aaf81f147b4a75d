import { CircuitBreaker, type BreakerState, type WatchedCall } from '../upstream/circuit-breaker.ts';
import { REAL_TIME, type Time } from '../upstream/time.ts';
import { faultCode, RedisFault } from './redis-fault.ts';
import { inRedisSpan } from './redis-span.ts';

/** Failures in a row after which Redis is left alone: each of them has cost a request its bound. */
const FAILURES = 3;
/** How often a trial is made in the background meanwhile. */
const TRIAL_EVERY_MS = 500;

/** What a guard works with. */
export interface RedisGuardOptions {
  /** Milliseconds that one operation may take, however many round trips it makes. */
  readonly boundMs: number;
  /** Asks Redis something that a request would ask. */
  readonly trial: () => Promise<unknown>;
  /** What is known of a lost connection, where an operation's own error only says that there is none. */
  readonly lostBy?: (() => string | undefined) | undefined;
  readonly onChange?: ((state: BreakerState) => void) | undefined;
  readonly time?: Time | undefined;
}

/** Why and since when Redis does not answer. */
export interface RedisOutage {
  readonly sinceUnixMs: number;
  readonly code: string;
}

/**
 * Keeps a sick Redis from holding requests up: every operation has one bound in all, and after a few failures in a row
 * none is made until a trial in the background, never a client's request, has shown that Redis is back.
 */
export class RedisGuard {
  private readonly time: Time;
  private readonly breaker: CircuitBreaker;
  private cancelTrial: () => void = () => undefined;
  private current: RedisOutage | undefined;

  constructor(private readonly options: RedisGuardOptions) {
    this.time = options.time ?? REAL_TIME;
    const policy = { failures: FAILURES, openMs: TRIAL_EVERY_MS };
    this.breaker = new CircuitBreaker(
      policy,
      () => this.time.nowMs(),
      (state) => this.changed(state),
    );
  }

  /** The outage that the latest operation met; undefined when it was answered. */
  get outage(): RedisOutage | undefined {
    return this.current;
  }

  /** Whether operations are made at all. One that failed is no reason to make no other: only the next can tell. */
  get asks(): boolean {
    return this.breaker.state === 'closed';
  }

  /**
   * Runs an operation within the bound; `command` names it in a trace.
   * @throws RedisFault, at once while the breaker is open
   */
  async ask<Value>(operation: () => Promise<Value>, command?: string): Promise<Value> {
    if (!this.asks) throw new RedisFault('open', this.current?.code ?? 'unknown');
    return command === undefined ? this.watched(operation) : inRedisSpan(command, () => this.watched(operation));
  }

  /** The connection is back: makes the trial now rather than in its turn. */
  tryNow(): void {
    if (this.breaker.state !== 'open') return;
    this.cancelTrial();
    this.runTrial();
  }

  close(): void {
    this.cancelTrial();
  }

  private async watched<Value>(operation: () => Promise<Value>): Promise<Value> {
    const call = this.breaker.begin();
    try {
      const value = await this.bounded(operation());
      this.answered(call);
      return value;
    } catch (error) {
      const fault = this.faultOf(error);
      if (fault.kind === 'write-refused') {
        this.answered(call);
      } else {
        this.current = { sinceUnixMs: this.current?.sinceUnixMs ?? this.time.unixMs(), code: fault.code };
        call.failed();
      }
      throw fault;
    }
  }

  private answered(call: WatchedCall): void {
    call.succeeded();
    // An answer to what was asked before it opened does not end an outage.
    if (this.breaker.state === 'closed') this.current = undefined;
  }

  /**
   * A process that stood still finds its clock run out and the reply in the socket: the reply is read first (timers run
   * before sockets, `setImmediate` after them).
   */
  private bounded<Value>(work: Promise<Value>): Promise<Value> {
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const cancel = this.time.after(this.options.boundMs, () => {
      setImmediate(() => reject(new RedisFault('timeout', 'timeout')));
    });
    const settled = <Outcome>(settle: (outcome: Outcome) => void) => {
      return (outcome: Outcome) => {
        cancel();
        settle(outcome);
      };
    };
    work.then(settled(resolve), settled(reject));
    return promise;
  }

  private faultOf(error: unknown): RedisFault {
    if (error instanceof RedisFault) return error;
    const code = faultCode(error);
    return new RedisFault('failed', code === 'disconnected' ? (this.options.lostBy?.() ?? code) : code, error);
  }

  private changed(state: BreakerState): void {
    if (state === 'open') {
      this.cancelTrial();
      this.cancelTrial = this.time.after(TRIAL_EVERY_MS, () => this.runTrial());
    }
    this.options.onChange?.(state);
  }

  private runTrial(): void {
    // Its outcome is the breaker's; a failed one plans the next.
    this.watched(this.options.trial).catch(() => undefined);
  }
}
