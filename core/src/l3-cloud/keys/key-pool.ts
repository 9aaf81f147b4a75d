import { REAL_TIME, type Time } from '../../upstream/time.ts';
import type { KeyRest } from './key-rests.port.ts';
import type { KeyVerdict, RestReason } from './key-verdict.ts';

/** A rest that ends so much later is no other. */
const SAME_MS = 1_000;

/** How the next key is chosen: each in its turn, or the first in the list that may be asked. */
export type KeyOrder = 'round_robin' | 'priority';

/** One of several keys of a provider, without the key itself. */
export interface PooledKey {
  /** As configured. */
  readonly name: string;
  /** The first digits of its digest, for logs. */
  readonly digest: string;
  /** By what pods that have it tell each other of it. */
  readonly id: string;
}

/** A key that rests. */
export interface RestingKey {
  readonly name: string;
  readonly digest: string;
  readonly why: RestReason;
  readonly restMs: number;
}

/** What a pool is made of. */
export interface KeyPoolOptions {
  /** At least one. */
  readonly keys: readonly PooledKey[];
  readonly order: KeyOrder;
  /** Told when a key begins to rest because of what this process was answered. */
  readonly onRest?: ((key: PooledKey, verdict: KeyVerdict) => void) | undefined;
  readonly time?: Time | undefined;
}

interface Rest {
  readonly untilMs: number;
  readonly why: RestReason;
}

/** Several keys of one provider, of which some rest. */
export class KeyPool {
  private readonly rests: (Rest | undefined)[];
  private readonly time: Time;
  private turn = 0;

  constructor(private readonly options: KeyPoolOptions) {
    this.rests = options.keys.map(() => undefined);
    this.time = options.time ?? REAL_TIME;
  }

  get ids(): readonly string[] {
    return this.options.keys.map(({ id }) => id);
  }

  /** How many keys may be asked now. */
  get ready(): number {
    return this.options.keys.filter((_, index) => !this.isResting(index)).length;
  }

  /** The place of the key to ask with; undefined: all rest. */
  take(): number | undefined {
    const { keys, order } = this.options;
    const from = order === 'priority' ? 0 : this.turn;
    for (let step = 0; step < keys.length; step += 1) {
      const index = (from + step) % keys.length;
      if (this.isResting(index)) continue;
      this.turn = (index + 1) % keys.length;
      return index;
    }
    return undefined;
  }

  /** An answer said something about a key. */
  rest(index: number, verdict: KeyVerdict): void {
    const key = this.options.keys[index];
    if (key !== undefined && this.begin(index, verdict)) this.options.onRest?.(key, verdict);
  }

  /** Another process was told so. */
  heard({ id, ...verdict }: KeyRest): void {
    const index = this.ids.indexOf(id);
    if (index >= 0) this.begin(index, verdict);
  }

  resting(): readonly RestingKey[] {
    const nowMs = this.time.nowMs();
    return this.options.keys.flatMap(({ name, digest }, index) => {
      const rest = this.rests[index];
      if (rest === undefined || rest.untilMs <= nowMs) return [];
      return [{ name, digest, why: rest.why, restMs: Math.ceil(rest.untilMs - nowMs) }];
    });
  }

  /** Whether the rest is a new one, or longer than the one that is on. */
  private begin(index: number, { why, restMs }: KeyVerdict): boolean {
    const nowMs = this.time.nowMs();
    const untilMs = nowMs + restMs;
    const current = this.rests[index];
    // Many requests in flight are told the same, each a little later.
    const isOn = current !== undefined && current.untilMs > nowMs;
    if (isOn && untilMs < current.untilMs + SAME_MS) return false;
    this.rests[index] = { untilMs, why };
    return true;
  }

  private isResting(index: number): boolean {
    const rest = this.rests[index];
    return rest !== undefined && rest.untilMs > this.time.nowMs();
  }
}
