import type { Tensor } from 'onnxruntime-node';

/** What a model gives under the names that exporters use. */
type Outputs = Readonly<Record<string, Tensor>>;

/**
 * One vector of length 1 for each text of a batch; undefined for one that comes to no direction at all. `lengths`: tokens
 * of each, without padding. Throws when the model gives nothing that could be pooled.
 */
export function pooledVectors(
  outputs: Outputs,
  lengths: readonly number[],
  pooling: 'mean' | 'cls',
): (Float32Array | undefined)[] {
  const sentence = outputs['sentence_embedding'];
  if (sentence !== undefined) return lengths.map((_length, row) => normalised(rowsOf(sentence, row, 1)));
  const hidden = outputs['last_hidden_state'] ?? outputs['token_embeddings'];
  if (hidden === undefined) throw new Error('the model has neither sentence_embedding nor last_hidden_state');
  const [, sequence] = hidden.dims;
  return lengths.map((length, text) => {
    const first = text * (sequence ?? 0);
    return normalised(rowsOf(hidden, first, pooling === 'cls' ? 1 : length));
  });
}

/** The sum of `count` rows from `first` on: its direction is that of their mean. */
function rowsOf({ data, dims }: Tensor, first: number, count: number): Float32Array {
  if (!(data instanceof Float32Array)) throw new Error('the model does not give float32');
  const dimension = dims.at(-1) ?? 0;
  const sum = new Float32Array(dimension);
  for (let row = first; row < first + count; row++) {
    for (let i = 0; i < dimension; i++) sum[i] = (sum[i] ?? 0) + (data[row * dimension + i] ?? 0);
  }
  return sum;
}

function normalised(vector: Float32Array): Float32Array | undefined {
  const length = Math.hypot(...vector);
  if (!Number.isFinite(length) || length === 0) return undefined;
  return vector.map((value) => value / length);
}
