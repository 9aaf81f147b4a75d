import { LRUCache } from 'lru-cache';
import type { Embedding } from '../embedder.port.ts';

/** An embedding's own objects, in bytes. */
const OBJECTS = 200;
const TOKEN = 40;

/**
 * Embeddings by their text, the latest used kept. Texts come again: a question when it is remembered, a candidate with
 * each question near it. @param maxBytes most that they take together
 */
export function knownEmbeddings(maxBytes: number): LRUCache<string, Embedding> {
  return new LRUCache({
    maxSize: maxBytes,
    sizeCalculation: (embedding, text) => 2 * text.length + bytesIn(embedding),
  });
}

function bytesIn(embedding: Embedding): number {
  if (embedding.kind !== 'vector') return OBJECTS;
  const { vector, tokens, tokenIds = [] } = embedding;
  const ofTokens = tokens === undefined ? 0 : tokens.vectors.byteLength + TOKEN * tokens.tokens.length;
  return OBJECTS + vector.byteLength + ofTokens + Float64Array.BYTES_PER_ELEMENT * tokenIds.length;
}
