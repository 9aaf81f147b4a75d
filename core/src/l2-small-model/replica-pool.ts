import type { BreakerPolicy, BreakerState, WatchedCall } from '../upstream/circuit-breaker.ts';
import type { Time } from '../upstream/time.ts';
import type { ModelBackend, ServedModel } from './model-backend.port.ts';
import type { ServerAddress } from './pool-addresses.ts';
import { Replica } from './replica.ts';
import { once } from './with-end.ts';

/** How often every server is asked how it is. */
const CHECK_EVERY_MS = 1_000;
/** How long it may take to say. */
const CHECK_WITHIN_MS = 2_000;
/** How long its word on what it serves is trusted. */
const MODELS_KEPT_MS = 30_000;
/** Longest that a server which is gone keeps its connections for what it still answers. */
const LONGEST_STREAM_MS = 900_000;
const CLOSE_CHECK_MS = 1_000;
/** How often they are asked while requests wait for one that is ready. */
const WAKING_CHECK_MS = 100;
/** Requests that wait for a server at a time; one more does not. */
const MAX_WAITING = 256;
/** More servers than any pool has. */
const MAX_REPLICAS = 256;

/** Why nobody can be asked: the `why` of `x-isartor-route`. */
export type Unavailable = 'down' | 'loading' | 'model' | 'open' | 'busy';

/** A server that can be asked now, and for what. */
export interface Picked {
  readonly replica: Replica;
  readonly model: ServedModel;
  /** The configuration names another, which the server does not serve. */
  readonly standsIn: boolean;
}

/** A server's place for one request: among what it has outstanding from when it is picked until it is given up. */
export interface Place extends Picked {
  /** Watched by the server's breaker: of one that is open, the place is its only trial. */
  readonly watched: WatchedCall;
  /** May be called again, to no effect. */
  readonly giveUp: () => void;
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
  readonly addresses: () => Promise<readonly ServerAddress[]>;
  readonly connect: (server: ServerAddress) => ModelBackend;
  /** The model name from the configuration. */
  readonly model: string | undefined;
  readonly breaker: BreakerPolicy;
  /** Requests that one server may have at a time. */
  readonly maxOutstanding: number;
  /** Requests that may wait at one server, by its own figures, before it is passed over. */
  readonly maxQueued: number;
  readonly time: Time;
  readonly random: () => number;
  readonly onBreakerChange: (url: string, state: BreakerState) => void;
  /** Told when a server is none of the pool's any more. */
  readonly onGone: (url: string) => void;
  /** Told once of every change of a server's state or model. */
  readonly onChange: (replica: Replica) => void;
}

/** The servers of the small model: who is well, and who has the least to do. */
export class ReplicaPool {
  private readonly replicas = new Map<string, Replica>();
  private timer: NodeJS.Timeout | undefined;
  /** Runs while requests wait. */
  private wakingTimer: NodeJS.Timeout | undefined;
  private following: Promise<void> | undefined;
  /** Servers that are asked how they are now: a slow one holds up nobody but itself. */
  private readonly asking = new Map<Replica, Promise<void>>();
  private readonly closing = new AbortController();
  private readonly waiting = new Set<() => void>();

  constructor(private readonly options: ReplicaPoolOptions) {}

  /** Begins to look after the servers; never waits for them and never throws. */
  start(): void {
    this.checkSoon();
    this.timer = setInterval(() => this.checkSoon(), CHECK_EVERY_MS);
    this.timer.unref();
  }

  /**
   * As `take`, but where no server is there yet it waits for the first that is ready: for `withinMs` at most, and not
   * beyond what `signal` allows. Rejects with the signal's reason when that aborts.
   */
  async takeWaking(withinMs: number, signal: AbortSignal): Promise<Place | Unavailable> {
    const taken = this.take();
    if (!isAsleep(taken) || withinMs <= 0 || this.waiting.size >= MAX_WAITING) return taken;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.options.time.after(withinMs, resolve);
    const onReady = (): void => {
      if (!isAsleep(this.pick())) resolve();
    };
    const onAbort = (): void => resolve();
    this.waiting.add(onReady);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) resolve();
    this.wakingTimer ??= setInterval(() => this.checkSoon(), WAKING_CHECK_MS).unref();
    try {
      await promise;
      signal.throwIfAborted();
      return this.take();
    } finally {
      cancel();
      signal.removeEventListener('abort', onAbort);
      this.waiting.delete(onReady);
      if (this.waiting.size === 0) this.stopWaking();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.stopWaking();
    this.closing.abort();
    // Names that are still being resolved then add nobody.
    await Promise.all(this.asking.values());
    await Promise.all([...this.replicas.values()].map(({ backend }) => backend.close()));
  }

  /** The less busy of two at random (https://www.eecs.harvard.edu/~michaelm/postscripts/mythesis.pdf), or why there is none. */
  pick(passedOver: ReadonlySet<Replica> = new Set()): Picked | Unavailable {
    const all = [...this.replicas.values()].filter((replica) => !passedOver.has(replica));
    const ready = all.filter(({ state }) => state === 'ready');
    if (ready.length === 0) return all.some(({ state }) => state === 'loading') ? 'loading' : 'down';
    const clear = ready.flatMap((replica) => {
      const { choice } = replica;
      return choice === undefined || choice.kind === 'unclear'
        ? []
        : [{ replica, model: choice.model, standsIn: choice.kind === 'fallback' }];
    });
    if (clear.length === 0) return 'model';
    const sound = clear.filter(({ replica }) => replica.breaker.admits);
    if (sound.length === 0) return 'open';
    const { maxOutstanding, maxQueued } = this.options;
    const free = sound.filter(({ replica }) => replica.outstanding < maxOutstanding && replica.queued < maxQueued);
    return this.lessBusy(free) ?? 'busy';
  }

  /** As `pick`, and the place is taken in the same turn: of those who ask at once, no more are let in than may be. */
  take(passedOver?: ReadonlySet<Replica>): Place | Unavailable {
    const picked = this.pick(passedOver);
    if (typeof picked === 'string') return picked;
    const { replica } = picked;
    const watched = replica.breaker.begin();
    replica.outstanding += 1;
    const giveUp = once(() => {
      replica.outstanding -= 1;
      watched.abandoned();
    });
    return { ...picked, watched, giveUp };
  }

  /** Models that are asked though the configuration names another; of servers that sleep, the last known. */
  get standIns(): readonly string[] {
    return [...this.replicas.values()].flatMap(({ choice }) =>
      choice?.kind === 'fallback' ? [choice.model.name] : [],
    );
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
    return isLessBusy(b.replica, a.replica) ? b : a;
  }

  private stopWaking(): void {
    clearInterval(this.wakingTimer);
    this.wakingTimer = undefined;
  }

  private checkSoon(): void {
    if (this.closing.signal.aborted) return;
    this.following ??= this.follow().finally(() => (this.following = undefined));
    for (const replica of this.replicas.values()) this.askSoon(replica);
  }

  private askSoon(replica: Replica): void {
    if (this.asking.has(replica)) return;
    this.asking.set(
      replica,
      this.ask(replica).finally(() => this.asking.delete(replica)),
    );
  }

  /** Takes on servers that are new, and lets go of those that are gone. */
  private async follow(): Promise<void> {
    let servers: readonly ServerAddress[];
    try {
      servers = (await this.options.addresses()).slice(0, MAX_REPLICAS);
    } catch {
      // The names cannot be resolved now: those known are asked on.
      return;
    }
    if (this.closing.signal.aborted) return;
    const urls = new Set(servers.map(({ url }) => url));
    for (const [url, replica] of this.replicas) {
      if (urls.has(url)) continue;
      this.replicas.delete(url);
      this.options.onGone(url);
      this.letGo(replica, this.options.time.nowMs() + LONGEST_STREAM_MS);
    }
    for (const server of servers) {
      const { url } = server;
      if (this.replicas.has(url)) continue;
      const { model, breaker, time, onBreakerChange } = this.options;
      // Of one that is gone and still answers, nothing is told: another may be at its address by then.
      const onChange = (state: BreakerState): void => {
        if (this.replicas.get(url) === replica) onBreakerChange(url, state);
      };
      const options = { model, breaker, nowMs: () => time.nowMs(), onBreakerChange: onChange };
      const replica = new Replica(this.options.connect(server), options);
      this.replicas.set(url, replica);
      this.askSoon(replica);
    }
  }

  /** What it is answering still is answered to the end, up to a bound. */
  private letGo(replica: Replica, untilMs: number): void {
    const { time } = this.options;
    if (replica.outstanding === 0 || time.nowMs() >= untilMs) void replica.backend.close();
    else time.after(CLOSE_CHECK_MS, () => this.letGo(replica, untilMs));
  }

  /** Of no weight for its health: a server may answer well and tell no figures. */
  private async askLoad(replica: Replica, signal: AbortSignal): Promise<void> {
    try {
      replica.told(await replica.backend.load(signal));
    } catch {
      replica.told(undefined);
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
      for (const onReady of this.waiting) onReady();
      if (state === 'ready' && replica.tellsLoad) await this.askLoad(replica, signal);
    } catch {
      replica.checked('down');
    }
    const isOurs = this.replicas.get(replica.backend.url) === replica && !this.closing.signal.aborted;
    if (isOurs && described(replica) !== before) this.options.onChange(replica);
  }
}

function isAsleep(picked: Picked | Unavailable): boolean {
  return picked === 'down' || picked === 'loading';
}

/** By what they have to do; of two alike, by the room in their caches. */
function isLessBusy(a: Replica, b: Replica): boolean {
  return a.burden === b.burden ? a.cacheUse < b.cacheUse : a.burden < b.burden;
}

function described({ state, choice }: Replica): string {
  return JSON.stringify([state, choice ?? null]);
}
