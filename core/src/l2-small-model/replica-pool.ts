import type { BreakerPolicy, BreakerState } from '../upstream/circuit-breaker.ts';
import type { Time } from '../upstream/time.ts';
import type { ModelBackend, ServedModel } from './model-backend.port.ts';
import { Replica } from './replica.ts';

/** How often every server is asked how it is. */
const CHECK_EVERY_MS = 1_000;
/** How long it may take to say. */
const CHECK_WITHIN_MS = 2_000;
/** How long its word on what it serves is trusted. */
const MODELS_KEPT_MS = 30_000;
/** More servers than any pool has. */
const MAX_REPLICAS = 256;

/** Why nobody can be asked: the `why` of `x-isartor-route`. */
export type Unavailable = 'down' | 'loading' | 'model' | 'open' | 'busy';

/** A server that can be asked now, and for what. */
export interface Picked {
  readonly replica: Replica;
  readonly model: ServedModel;
}

/** The pool, for `/readyz`. */
export interface PoolHealth {
  /** `degraded`: some answer, or none for want of a model that is clear. */
  readonly status: 'up' | 'degraded' | 'down';
  readonly detail?: string | undefined;
}

/** What a pool is made of. */
export interface ReplicaPoolOptions {
  /** The roots of its servers now; asked again at every check. */
  readonly addresses: () => Promise<readonly string[]>;
  readonly connect: (url: string) => ModelBackend;
  /** The model name from the configuration. */
  readonly model: string | undefined;
  readonly breaker: BreakerPolicy;
  /** Requests that one server may have at a time. */
  readonly maxOutstanding: number;
  readonly time: Time;
  readonly random: () => number;
  readonly onBreakerChange: (url: string, state: BreakerState) => void;
  /** Told once of every change of a server's state or model. */
  readonly onChange: (replica: Replica) => void;
}

/** The servers of the small model: who is well, and who has the least to do. */
export class ReplicaPool {
  private readonly replicas = new Map<string, Replica>();
  private timer: NodeJS.Timeout | undefined;
  private checking: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly options: ReplicaPoolOptions) {}

  /** Begins to look after the servers; never waits for them and never throws. */
  start(): void {
    const check = (): void => void (this.checking ??= this.check().finally(() => (this.checking = undefined)));
    check();
    this.timer = setInterval(check, CHECK_EVERY_MS);
    this.timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.closing.abort();
    await this.checking;
    await Promise.all([...this.replicas.values()].map(({ backend }) => backend.close()));
  }

  /** The less busy of two at random (https://www.eecs.harvard.edu/~michaelm/postscripts/mythesis.pdf), or why there is none. */
  pick(passedOver: ReadonlySet<Replica> = new Set()): Picked | Unavailable {
    const all = [...this.replicas.values()].filter((replica) => !passedOver.has(replica));
    const ready = all.filter(({ state }) => state === 'ready');
    if (ready.length === 0) return all.some(({ state }) => state === 'loading') ? 'loading' : 'down';
    const clear = ready.flatMap((replica) => {
      const { choice } = replica;
      return choice === undefined || choice.kind === 'unclear' ? [] : [{ replica, model: choice.model }];
    });
    if (clear.length === 0) return 'model';
    const sound = clear.filter(({ replica }) => replica.breaker.admits);
    if (sound.length === 0) return 'open';
    const free = sound.filter(({ replica }) => replica.outstanding < this.options.maxOutstanding);
    return this.lessBusy(free) ?? 'busy';
  }

  health(): PoolHealth {
    const all = [...this.replicas.values()];
    const usable = all.filter(({ state, choice }) => state === 'ready' && choice !== undefined);
    const unclear = usable.find(({ choice }) => choice?.kind === 'unclear')?.choice;
    if (unclear?.kind === 'unclear') {
      return {
        status: 'degraded',
        detail:
          unclear.served.length === 0
            ? 'it serves no model'
            : `set ISARTOR__VLLM_MODEL to one of the models it serves: ${unclear.served.join(', ').slice(0, 1_000)}`,
      };
    }
    if (usable.length === all.length && all.length > 0) return { status: 'up' };
    const detail = `${usable.length} of ${all.length} servers ready`;
    return { status: usable.length > 0 ? 'degraded' : 'down', detail };
  }

  private lessBusy(candidates: readonly Picked[]): Picked | undefined {
    if (candidates.length < 2) return candidates[0];
    const first = Math.floor(this.options.random() * candidates.length);
    const other = Math.floor(this.options.random() * (candidates.length - 1));
    const [a, b] = [candidates[first], candidates[other >= first ? other + 1 : other]];
    if (a === undefined || b === undefined) return a ?? b;
    return b.replica.outstanding < a.replica.outstanding ? b : a;
  }

  private async check(): Promise<void> {
    await this.follow();
    await Promise.all([...this.replicas.values()].map((replica) => this.ask(replica)));
  }

  /** Takes on servers that are new, and lets go of those that are gone. */
  private async follow(): Promise<void> {
    let urls: readonly string[];
    try {
      urls = (await this.options.addresses()).slice(0, MAX_REPLICAS);
    } catch {
      // The names cannot be resolved now: those known are asked on.
      return;
    }
    for (const [url, replica] of this.replicas) {
      if (urls.includes(url)) continue;
      this.replicas.delete(url);
      // What it is answering still is answered to the end.
      this.options.time.after(replica.outstanding === 0 ? 0 : MODELS_KEPT_MS, () => void replica.backend.close());
    }
    for (const url of urls) {
      if (this.replicas.has(url)) continue;
      const { model, breaker, time, onBreakerChange } = this.options;
      const onChange = (state: BreakerState): void => onBreakerChange(url, state);
      const options = { model, breaker, nowMs: () => time.nowMs(), onBreakerChange: onChange };
      this.replicas.set(url, new Replica(this.options.connect(url), options));
    }
  }

  private async ask(replica: Replica): Promise<void> {
    const before = described(replica);
    const signal = AbortSignal.any([AbortSignal.timeout(CHECK_WITHIN_MS), this.closing.signal]);
    try {
      const state = await replica.backend.health(signal);
      const isStale = this.options.time.nowMs() - replica.modelsKnownAt >= MODELS_KEPT_MS;
      if (state === 'ready' && (isStale || replica.state !== 'ready')) {
        replica.serves(await replica.backend.servedModels(signal));
      }
      replica.checked(state);
    } catch {
      replica.checked('down');
    }
    if (described(replica) !== before && !this.closing.signal.aborted) this.options.onChange(replica);
  }
}

function described({ state, choice }: Replica): string {
  return JSON.stringify([state, choice ?? null]);
}
