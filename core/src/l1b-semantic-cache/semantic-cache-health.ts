import type { Embedder, EmbedderHealth } from './embedder.port.ts';
import type { SemanticMode } from './semantic-mode.ts';
import type { VectorIndex, VectorIndexHealth } from './vector-index.port.ts';

/** How the semantic cache is, for `/readyz`: never in the way of the process being ready. */
export type SemanticCacheReport =
  | { readonly status: 'off' }
  | {
      /** `down` when either part is, else the embedder's. */
      readonly status: EmbedderHealth['status'];
      readonly mode: SemanticMode;
      readonly embedder: EmbedderHealth;
      readonly index: VectorIndexHealth;
    };

/** Asks embedder and index how they are. */
export class SemanticCacheHealth {
  constructor(
    private readonly mode: SemanticMode,
    private readonly embedder: Embedder,
    private readonly index: VectorIndex,
  ) {}

  async read(): Promise<SemanticCacheReport> {
    const { mode } = this;
    if (mode === 'off') return { status: 'off' };
    const embedder = this.embedder.health();
    const index = await this.index.health();
    const status = index.status === 'down' ? 'down' : embedder.status;
    return { status, mode, embedder, index };
  }
}
