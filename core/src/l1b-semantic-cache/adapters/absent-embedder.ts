import { EmbedderError, type Embedder, type EmbedderHealth, type Embedding } from '../embedder.port.ts';

/** Stands where no embedder can be had: it is down, and says why. */
export class AbsentEmbedder implements Embedder {
  readonly name = 'none';
  readonly threshold = undefined;

  constructor(private readonly why: string) {}

  embed(): Promise<Embedding> {
    return Promise.reject(new EmbedderError('down', this.why));
  }

  health(): EmbedderHealth {
    return { status: 'down', detail: this.why };
  }

  start(): void {
    // There is nothing to load.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
