import { CircuitBreaker, type BreakerPolicy, type BreakerState } from '../upstream/circuit-breaker.ts';
import { chooseModel, type ModelChoice } from './choose-model.ts';
import type { ModelBackend, ServedModel, ServerLoad } from './model-backend.port.ts';

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

/** How long a server's word on its load is believed, in ms. */
const LOAD_KEPT_MS = 5_000;
/** How soon a server that does not tell its load is asked again. */
const LOAD_PAUSE_MS = 30_000;

/** One server of the pool and what is known of it. */
export class Replica {
  breaker: CircuitBreaker;
  state: ReplicaState = 'unknown';
  /** What the last check found; a call that fails changes the state alone. */
  private found: ReplicaState = 'unknown';
  /** Requests that are with it now. */
  outstanding = 0;
  /** Which of its models is asked; undefined until it said what it serves. */
  choice: ModelChoice | undefined;
  /** When it last said what it serves, on the clock of `nowMs`. */
  modelsKnownAt = Number.NEGATIVE_INFINITY;

  private load: ServerLoad | undefined;
  private loadKnownAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly backend: ModelBackend,
    private readonly options: ReplicaOptions,
  ) {
    this.breaker = this.freshBreaker();
  }

  /** A check has found it so. What failed before it was away says nothing about it now that it is back. */
  checked(state: ReplicaState): void {
    if (state === 'ready' && this.found !== 'ready' && this.breaker.state !== 'closed') {
      this.breaker = this.freshBreaker();
      this.options.onBreakerChange('closed');
    }
    this.found = state;
    this.state = state;
  }

  serves(models: readonly ServedModel[]): void {
    this.choice = chooseModel(this.options.model, models);
    this.modelsKnownAt = this.options.nowMs();
  }

  /** It does not know a name that it was asked for: what it serves is asked anew. */
  forgetModels(): void {
    this.modelsKnownAt = Number.NEGATIVE_INFINITY;
  }

  /** What it has to do: our requests with it and those that wait there, by its own last word, whoever they are of. */
  get burden(): number {
    return this.outstanding + this.queued;
  }

  /** Requests that wait there; 0 where it does not tell. */
  get queued(): number {
    return this.knownLoad?.queued ?? 0;
  }

  /** From 0 to 1; 0 where it does not tell. */
  get cacheUse(): number {
    return this.knownLoad?.cacheUse ?? 0;
  }

  /** Whether to ask it for its load now: who does not tell is not asked at every check. */
  get tellsLoad(): boolean {
    return this.load !== undefined || this.options.nowMs() - this.loadKnownAt >= LOAD_PAUSE_MS;
  }

  told(load: ServerLoad | undefined): void {
    this.load = load;
    this.loadKnownAt = this.options.nowMs();
  }

  private get knownLoad(): ServerLoad | undefined {
    return this.options.nowMs() - this.loadKnownAt < LOAD_KEPT_MS ? this.load : undefined;
  }

  private freshBreaker(): CircuitBreaker {
    const { breaker, nowMs, onBreakerChange } = this.options;
    return new CircuitBreaker(breaker, nowMs, onBreakerChange);
  }
}
