import { createHash } from 'node:crypto';
import type { JsonObject } from './json.ts';
import { readModel, readWhole } from './request-options.ts';
import { StandinError } from './standin-error.ts';
import { tokensOf } from './tokens.ts';

const DEFAULT_DIMENSIONS = 256;
const MOST_DIMENSIONS = 4096;

/**
 * Answers an embeddings request with unit vectors: the sum of one pseudo-random vector per word, so that texts which
 * share words lie near each other. `encoding_format` is `float` or `base64` (little-endian float32).
 * @throws StandinError
 */
export function embeddingsReply(body: JsonObject): JsonObject {
  const inputs = readInputs(body['input']);
  const model = readModel(body['model']);
  const dimensions = readWhole(body, 'dimensions', 1, MOST_DIMENSIONS) ?? DEFAULT_DIMENSIONS;
  const format = body['encoding_format'] ?? 'float';
  if (format !== 'float' && format !== 'base64') {
    throw new StandinError(400, "Invalid 'encoding_format': expected 'float' or 'base64'.", {
      param: 'encoding_format',
    });
  }
  const data = inputs.map((input, index) => {
    const vector = embed(input, dimensions);
    return { object: 'embedding', index, embedding: format === 'float' ? [...vector] : toBase64(vector) };
  });
  const tokens = inputs.reduce((sum, input) => sum + tokensOf(input).length, 0);
  return { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

function readInputs(input: unknown): readonly string[] {
  if (typeof input === 'string' && input !== '') return [input];
  const list: readonly unknown[] = Array.isArray(input) && input.length <= 2048 ? input : [];
  if (list.length > 0) {
    if (list.every((one) => typeof one === 'string' && one !== '')) return list.map(String);
    if (list.every((one) => typeof one === 'number')) return [list.join(' ')];
    if (list.every((one) => Array.isArray(one) && one.length > 0))
      return list.map((one) => String(one).replaceAll(',', ' '));
  }
  const message =
    input === undefined
      ? "Missing required parameter: 'input'."
      : "Invalid 'input': expected a non-empty string or an array of at most 2048 of them.";
  throw new StandinError(400, message, { param: 'input' });
}

function embed(text: string, dimensions: number): Float32Array {
  const sum = new Float64Array(dimensions);
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
  for (const word of words) {
    // SHAKE256 gives as many bytes as asked for; two of them make one coordinate in [-1, 1).
    const bytes = createHash('shake256', { outputLength: dimensions * 2 })
      .update(word)
      .digest();
    for (let at = 0; at < dimensions; at++) sum[at] = (sum[at] ?? 0) + bytes.readInt16LE(at * 2) / 32_768;
  }
  const length = Math.hypot(...sum) || 1;
  return Float32Array.from(sum, (value) => value / length);
}

function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, at) => bytes.writeFloatLE(value, at * 4));
  return bytes.toString('base64');
}
