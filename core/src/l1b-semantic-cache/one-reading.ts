import type { Embedding } from './embedder.port.ts';

type Represented = Embedding & { readonly kind: 'vector' };

/** What rounding leaves of the difference of two vectors that a model made of equal tokens. */
const SAME_VECTOR = 1 - 1e-6;

/** Whether the model cannot tell two texts apart: by their tokens, where both have some, else by their vectors. */
export function isOneReading(a: Represented, b: Represented): boolean {
  const [x, y] = [tokensOf(a), tokensOf(b)];
  if (x !== undefined && y !== undefined) return x.length === y.length && x.every((token, at) => token === y[at]);
  return isOneVector(a, b);
}

/** Whether the vectors of two texts are one: of equal tokens, or of the same in another order where a model reads none. */
export function isOneVector(a: Represented, b: Represented): boolean {
  return cosineOf(a.vector, b.vector) >= SAME_VECTOR;
}

/** Of two vectors of length 1. */
export function cosineOf(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}

function tokensOf({ tokens, tokenIds }: Represented): readonly (string | number)[] | undefined {
  return tokens?.tokens ?? tokenIds;
}
