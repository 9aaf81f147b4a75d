import type { Embedding } from '../embedder.port.ts';

/** Texts to embed, which the worker does one batch after the other; or the word to end once it is done with them. */
export type ToWorker =
  { readonly kind: 'embed'; readonly batch: number; readonly texts: readonly string[] } | { readonly kind: 'end' };

/** What the worker says. The embeddings stand in the order of the texts. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'embedded'; readonly batch: number; readonly embeddings: readonly Embedding[] }
  | { readonly kind: 'failed'; readonly batch: number; readonly reason: string };
