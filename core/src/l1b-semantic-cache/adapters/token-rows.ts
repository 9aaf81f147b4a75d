import type { Tensor } from 'onnxruntime-node';
import type { TokenVectors } from '../token-vectors.ts';

/** A text as a model reads it, special tokens of the model's own included. */
export interface TokenizedText {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

/**
 * The token vectors of each text of a batch, each of length 1 and special tokens left out; undefined where the model
 * gives none.
 */
export function tokenRows(
  outputs: Readonly<Record<string, Tensor>>,
  batch: readonly TokenizedText[],
  specialIds: ReadonlySet<number>,
): readonly TokenVectors[] | undefined {
  const hidden = outputs['last_hidden_state'] ?? outputs['token_embeddings'];
  if (hidden === undefined || !(hidden.data instanceof Float32Array)) return undefined;
  const { data } = hidden;
  const [, sequence = 0, dimension = 0] = hidden.dims;
  return batch.map(({ ids, tokens }, text) => {
    const kept = ids.flatMap((id, at) => (specialIds.has(id) ? [] : [at]));
    const vectors = new Float32Array(kept.length * dimension);
    for (const [row, at] of kept.entries()) {
      const from = (text * sequence + at) * dimension;
      setUnit(vectors, row * dimension, data.subarray(from, from + dimension));
    }
    return { tokens: kept.map((at) => tokens[at] ?? ''), dimension, vectors };
  });
}

/** Writes a vector, brought to length 1, at `to`; one without a direction stays 0. */
function setUnit(target: Float32Array, to: number, vector: Float32Array): void {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  if (length === 0) return;
  for (let i = 0; i < vector.length; i++) target[to + i] = (vector[i] ?? 0) / length;
}
