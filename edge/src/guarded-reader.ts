import type { BreakerState } from './breaker.ts';
import { Breaker } from './breaker.ts';
import type { RedisReader } from './upstash-cache.ts';
import type { WaitBound, WaitBudget } from './wait-budget.ts';

/** Failures in a row after which Redis is left alone, and for how long, in milliseconds. */
const FAILURES = 3;
const OPEN_MS = 1_000;
/** Beyond the bound of a read: a trial that has not come back by then was ended with its request. */
const TRIAL_GRACE_MS = 1_000;

/** What is known of Redis without asking it, for `/readyz`. */
export interface RedisState {
  readonly state: 'unused' | 'ok' | 'failing';
  readonly breaker: BreakerState;
  /** When it began to fail. */
  readonly since?: string;
}

/** Reads on behalf of a request, within what that request may still wait. */
export interface BudgetedReader {
  /**
   * Reads all keys in one round trip, in order; `undefined` where there is none.
   *
   * @throws when Redis fails, at once while it is known to, when the request has waited for as long as it may, and when its
   * client leaves.
   */
  read(budget: WaitBudget, ...keys: [string, ...string[]]): Promise<(string | undefined)[]>;
}

/** Keeps a sick Redis from costing every request its time bound. State is plain values, so nothing outlives a request. */
export class GuardedReader implements BudgetedReader {
  readonly #breaker: Breaker;
  #failingSince: number | undefined;
  #answered = false;

  constructor(
    private readonly reader: RedisReader,
    timeoutMs: number,
    private readonly now: () => number,
  ) {
    this.#breaker = new Breaker({ failures: FAILURES, openMs: OPEN_MS, trialMs: timeoutMs + TRIAL_GRACE_MS }, now);
  }

  get state(): RedisState {
    const breaker = this.#breaker.state;
    if (this.#failingSince === undefined) return { state: this.#answered ? 'ok' : 'unused', breaker };
    return { state: 'failing', breaker, since: new Date(this.#failingSince).toISOString() };
  }

  read(budget: WaitBudget, ...keys: [string, ...string[]]): Promise<(string | undefined)[]> {
    return budget.spend((bound) => this.#read(bound, keys));
  }

  async #read(bound: WaitBound, keys: [string, ...string[]]): Promise<(string | undefined)[]> {
    const pass = this.#breaker.begin();
    if (pass === undefined) throw new Error('Redis fails: it is left alone for a while');
    try {
      const values = await this.reader.read(bound, ...keys);
      this.#breaker.succeeded(pass);
      if (this.#breaker.state === 'closed') this.#failingSince = undefined;
      this.#answered = true;
      return values;
    } catch (error) {
      // A client that left says nothing about Redis.
      if (bound.client.aborted) {
        this.#breaker.gaveUp(pass);
        throw error;
      }
      this.#failingSince ??= this.now();
      this.#breaker.failed(pass);
      throw error;
    }
  }
}
