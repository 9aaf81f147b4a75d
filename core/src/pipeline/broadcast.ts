import { GatewayError } from '@isartor/shared';
import type { ByteBudget } from './byte-budget.ts';

/** Bounds of a broadcast. */
export interface BroadcastBounds {
  /** Bytes kept for readers that are behind, and for those that may still join. */
  readonly maxBytes: number;
  /** How long a reader that is further behind may hold the others up, in ms. */
  readonly lagMs: number;
}

/** A reader's view of a broadcast. */
export interface Subscription<Item> {
  readonly items: AsyncIterable<Item>;
  /** Gives up what has not been read; further calls do nothing. */
  leave(): void;
}

interface Reader {
  /** Index of the next item, counted from the start of the stream. */
  position: number;
  dropped: boolean;
}

/**
 * One stream for many readers. It is read at the pace of the fastest; what the others have not read yet is kept within
 * a bound. As long as everything from the first item fits, new readers may join and get it all. Past the bound the
 * fastest waits for the slowest, and who stays behind for longer than `lagMs` is dropped with an error.
 * When the last reader leaves, the source is ended.
 */
export class Broadcast<Item> {
  private readonly source: AsyncIterator<Item>;
  private readonly readers = new Set<Reader>();
  private items: { readonly item: Item; readonly bytes: number; taken: boolean }[] = [];
  /** Index of `items[0]`, counted from the start of the stream. */
  private base = 0;
  private bytes = 0;
  /** The budget had no room for the last item: no more is kept than must be. */
  private starved = false;
  private outcome: { readonly error?: unknown } | undefined;
  private sourceEnded = false;
  private pulling: Promise<void> | undefined;
  private progress = Promise.withResolvers<void>();

  constructor(
    source: AsyncIterable<Item>,
    private readonly sizeOf: (item: Item) => number,
    private readonly bounds: BroadcastBounds,
    private readonly budget: ByteBudget,
  ) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** Whether a new reader would still get everything. */
  get joinable(): boolean {
    return this.base === 0 && this.outcome === undefined && !this.full;
  }

  /** Whether the source has ended by itself, well or not. */
  get ended(): boolean {
    return this.sourceEnded;
  }

  /** Everything from the first item on. The reader counts from now, not from its first read. */
  subscribe(): Subscription<Item> {
    const reader: Reader = { position: 0, dropped: false };
    this.readers.add(reader);
    return { items: { [Symbol.asyncIterator]: () => this.read(reader) }, leave: () => this.leave(reader) };
  }

  private async *read(reader: Reader): AsyncGenerator<Item, void, undefined> {
    try {
      for (;;) {
        if (reader.dropped) throw tooSlow();
        const next = this.items[reader.position - this.base];
        if (next !== undefined) {
          reader.position += 1;
          this.advanced();
          yield next.item;
        } else if (this.outcome !== undefined) {
          if ('error' in this.outcome) throw this.outcome.error;
          return;
        } else {
          await (this.pulling ??= this.pull().finally(() => (this.pulling = undefined)));
        }
      }
    } finally {
      this.leave(reader);
    }
  }

  private async pull(): Promise<void> {
    await this.room();
    try {
      const next = await this.source.next();
      // Everyone has left meanwhile: what still came is kept for nobody.
      if (this.outcome !== undefined) return;
      if (next.done === true) {
        this.sourceEnded = true;
        this.outcome = {};
        return;
      }
      const bytes = this.sizeOf(next.value);
      const taken = this.budget.take(bytes);
      this.starved = !taken;
      this.items.push({ item: next.value, bytes, taken });
      this.bytes += bytes;
    } catch (error) {
      this.sourceEnded = true;
      this.outcome = { error };
    }
  }

  /** Waits until what is kept is within the bound, and drops who stands in the way for too long. */
  private async room(): Promise<void> {
    if (!this.full) return;
    this.trim();
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.dropLaggards();
        resolve();
      }, this.bounds.lagMs);
    });
    while (this.full) await Promise.race([this.progress.promise, expired]);
    clearTimeout(timer);
  }

  private dropLaggards(): void {
    while (this.full) {
      const slowest = Math.min(...[...this.readers].map((reader) => reader.position));
      for (const reader of this.readers) {
        if (reader.position > slowest) continue;
        reader.dropped = true;
        this.readers.delete(reader);
      }
      this.trim();
    }
  }

  private advanced(): void {
    if (this.base > 0 || this.full) this.trim();
    this.progress.resolve();
    this.progress = Promise.withResolvers();
  }

  /** Forgets what every reader has read. From then on nobody can join. */
  private trim(): void {
    const slowest = Math.min(this.base + this.items.length, ...[...this.readers].map((reader) => reader.position));
    const read = this.items.splice(0, slowest - this.base);
    this.base = slowest;
    for (const item of read) this.forget(item);
  }

  private forget(item: { readonly bytes: number; readonly taken: boolean }): void {
    this.bytes -= item.bytes;
    if (item.taken) this.budget.give(item.bytes);
    if (this.bytes === 0) this.starved = false;
  }

  /** Nobody reads what is kept: it is no longer charged. Who has just come aboard still finds it. */
  private giveBack(): void {
    for (const item of this.items) {
      if (item.taken) this.budget.give(item.bytes);
      item.taken = false;
    }
  }

  private get full(): boolean {
    return this.bytes >= this.bounds.maxBytes || this.starved;
  }

  private leave(reader: Reader): void {
    if (!this.readers.delete(reader)) return;
    this.advanced();
    if (this.readers.size > 0) return;
    if (this.outcome !== undefined) return this.giveBack();
    this.outcome = { error: tooSlow() };
    for (const item of this.items.splice(0)) this.forget(item);
    // What ending an abandoned source may throw concerns nobody.
    this.source.return?.().catch(() => undefined);
  }
}

function tooSlow(): GatewayError {
  return new GatewayError('stream_interrupted', 'The answer was read too slowly and could not be kept any longer.');
}
