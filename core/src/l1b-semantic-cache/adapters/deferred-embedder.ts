import type { Calibration } from '../calibration.ts';
import { EmbedderError, type Embedder, type EmbedderHealth, type Embedding } from '../embedder.port.ts';

/** What is known of an embedder before it is made. */
export interface DeferredEmbedderOptions {
  /** For `/readyz`, until the embedder has a name of its own. */
  readonly name: string;
  readonly threshold: number;
}

/** Stands for an embedder that is made when the first text comes: what nobody asks takes no memory. */
export class DeferredEmbedder implements Embedder {
  readonly threshold: number;
  private readonly kind: string;
  private readonly make: () => Embedder;
  private inner: Embedder | undefined;
  private closed = false;

  /** @param make must not throw: what cannot be had is an AbsentEmbedder */
  constructor({ name, threshold }: DeferredEmbedderOptions, make: () => Embedder) {
    this.kind = name;
    this.threshold = threshold;
    this.make = make;
  }

  /** Its own from the first text on: before that nothing is embedded. */
  get name(): string {
    return this.inner?.name ?? this.kind;
  }

  get calibration(): Calibration | undefined {
    return this.inner?.calibration;
  }

  get queued(): number {
    return this.inner?.queued ?? 0;
  }

  async embed(text: string, timeoutMs: number): Promise<Embedding> {
    if (this.closed) throw new EmbedderError('down', 'The embedder is closed.');
    this.inner ??= this.started();
    return this.inner.embed(text, timeoutMs);
  }

  health(): EmbedderHealth {
    return this.inner?.health() ?? { status: 'idle', detail: `${this.kind}, loaded with the first question` };
  }

  start(): void {
    // The first text does it.
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.inner?.close();
  }

  private started(): Embedder {
    const embedder = this.make();
    embedder.start();
    return embedder;
  }
}
