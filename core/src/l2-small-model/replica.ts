import { CircuitBreaker, type BreakerPolicy, type BreakerState } from '../upstream/circuit-breaker.ts';
import { chooseModel, type ModelChoice } from './choose-model.ts';
import type { ModelBackend, ServedModel } from './model-backend.port.ts';

/** How a replica is: `unknown` until it was asked for the first time. */
export type ReplicaState = 'unknown' | 'loading' | 'ready' | 'down';

/** What a replica needs beside its server. */
export interface ReplicaOptions {
  /** The model name from the configuration. */
  readonly model: string | undefined;
  readonly breaker: BreakerPolicy;
  readonly nowMs: () => number;
  readonly onBreakerChange: (state: BreakerState) => void;
}

/** One server of the pool and what is known of it. */
export class Replica {
  readonly breaker: CircuitBreaker;
  state: ReplicaState = 'unknown';
  /** Requests that are with it now. */
  outstanding = 0;
  /** Which of its models is asked; undefined until it said what it serves. */
  choice: ModelChoice | undefined;
  /** When it last said what it serves, on the clock of `nowMs`. */
  modelsKnownAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly backend: ModelBackend,
    private readonly options: ReplicaOptions,
  ) {
    this.breaker = new CircuitBreaker(options.breaker, options.nowMs, options.onBreakerChange);
  }

  serves(models: readonly ServedModel[]): void {
    this.choice = chooseModel(this.options.model, models);
    this.modelsKnownAt = this.options.nowMs();
  }

  /** It does not know a name that it was asked for: what it serves is asked anew. */
  forgetModels(): void {
    this.modelsKnownAt = Number.NEGATIVE_INFINITY;
  }
}
