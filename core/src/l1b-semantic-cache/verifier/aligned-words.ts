import type { TokenVectors } from '../token-vectors.ts';
import { isFunctionWord } from './function-words.ts';
import { areRelated } from './related-words.ts';
import { stem } from './stem.ts';

/** A word with the vector of its tokens in the text that it stands in. */
export interface WordVector {
  /** In lower case, as the tokenizer wrote it. */
  readonly word: string;
  readonly stem: string;
  readonly isContent: boolean;
  /** Length 1. */
  readonly vector: Float32Array;
}

/** A word with what comes nearest to it in the other text. */
export interface AlignedWord extends WordVector {
  /** Cosine to the nearest word of the other text; -1 where that has none. */
  readonly nearness: number;
  /** Where that word stands. */
  readonly counterpart: number;
  /** Whether the other text has a word of the same stem. */
  readonly isSaid: boolean;
  /** Whether it has at least one that may stand for it. */
  readonly isRelated: boolean;
}

const LETTERS = /[\p{L}\p{N}]/u;

/** The words of a text; tokens that go on with a word (`##`) are put to it, and signs are left out. */
export function wordVectorsOf({ tokens, dimension, vectors }: TokenVectors): readonly WordVector[] {
  const words: { word: string; sum: Float32Array }[] = [];
  for (const [row, token] of tokens.entries()) {
    const vector = vectors.subarray(row * dimension, (row + 1) * dimension);
    const last = words.at(-1);
    if (token.startsWith('##') && last !== undefined) {
      last.word += token.slice(2);
      for (const [i, value] of vector.entries()) last.sum[i] = (last.sum[i] ?? 0) + value;
    } else words.push({ word: token.toLowerCase(), sum: Float32Array.from(vector) });
  }
  return words
    .filter(({ word }) => LETTERS.test(word))
    .map(({ word, sum }) => ({ word, stem: stem(word), isContent: !isFunctionWord(word), vector: unit(sum) }));
}

/**
 * The words of each text with their nearest ones in the other: greedy, so that two words may have one counterpart.
 */
export function aligned(
  a: readonly WordVector[],
  b: readonly WordVector[],
): readonly [inA: readonly AlignedWord[], inB: readonly AlignedWord[]] {
  const cosines = a.map((word) => Float64Array.from(b, (other) => dot(word.vector, other.vector)));
  const inA = counterparts(a, b, (i, j) => cosines[i]?.[j] ?? -1);
  return [inA, counterparts(b, a, (i, j) => cosines[j]?.[i] ?? -1)];
}

function counterparts(
  a: readonly WordVector[],
  b: readonly WordVector[],
  cosineOf: (i: number, j: number) => number,
): readonly AlignedWord[] {
  const stems = new Set(b.map((word) => word.stem));
  return a.map((word, i) => {
    let nearness = -1;
    let counterpart = -1;
    for (let at = 0; at < b.length; at++) {
      const cosine = cosineOf(i, at);
      if (cosine > nearness) [nearness, counterpart] = [cosine, at];
    }
    const isSaid = stems.has(word.stem);
    const isRelated = isSaid || b.some((other) => other.isContent && areRelated(word.word, other.word));
    return { ...word, nearness, counterpart, isSaid, isRelated };
  });
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector : vector.map((value) => value / length);
}
