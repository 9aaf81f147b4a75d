import type { TokenVectors } from '../token-vectors.ts';
import { aligned, wordVectorsOf, type AlignedWord } from './aligned-words.ts';
import { questionTypeOf } from './rules/question-type.ts';
import { readingOf } from './reading.ts';

/** A question as the features read it. */
export interface ReadText {
  readonly text: string;
  readonly tokens: TokenVectors;
}

/** What the head weighs, in the order of its numbers. Both texts are treated alike: a pair has no first and second. */
export const PAIR_FEATURES = [
  'cosine',
  // Mean nearness of the words of one text to the other; the less and the more well covered text.
  'leastCovered',
  'mostCovered',
  // Content words whose stem the other text lacks, in the text that has fewer of them.
  'fewerUnsaid',
  // The same of content words that nothing in the other text may stand for.
  'fewerUnrelated',
  'sharedTrigrams',
  'isOneQuestionType',
  // Content words of both texts whose counterpart is farther than this.
  'contentBelowHalf',
  'contentBelowTwoThirds',
  // Pairs of content words that their counterparts turn round, as a share of all pairs.
  'inversions',
] as const;

/** The numbers of a pair, as training and serving use them alike. Pure. */
export function pairFeatures(a: ReadText, b: ReadText, cosine: number): readonly number[] {
  const [wordsA, wordsB] = [wordVectorsOf(a.tokens), wordVectorsOf(b.tokens)];
  const [inA, inB] = aligned(wordsA, wordsB);
  const contents = [inA, inB].map((side) => side.filter(({ isContent }) => isContent));
  const nearnesses = contents.flat().map(({ nearness }) => nearness);
  const covered = [inA, inB].map(meanNearness);
  const values: Record<(typeof PAIR_FEATURES)[number], number> = {
    cosine,
    leastCovered: Math.min(...covered),
    mostCovered: Math.max(...covered),
    fewerUnsaid: Math.min(...contents.map((side) => side.filter(({ isSaid }) => !isSaid).length)),
    fewerUnrelated: Math.min(...contents.map((side) => side.filter(({ isRelated }) => !isRelated).length)),
    sharedTrigrams: overlap(trigramsOf(a.text), trigramsOf(b.text)),
    isOneQuestionType: Number(questionTypeOf(readingOf(a.text)) === questionTypeOf(readingOf(b.text))),
    contentBelowHalf: nearnesses.filter((nearness) => nearness < 1 / 2).length,
    contentBelowTwoThirds: nearnesses.filter((nearness) => nearness < 2 / 3).length,
    inversions: inversions(inA.filter(({ isContent }) => isContent)),
  };
  return PAIR_FEATURES.map((name) => values[name]);
}

function meanNearness(words: readonly AlignedWord[]): number {
  return words.length === 0 ? 1 : words.reduce((sum, { nearness }) => sum + nearness, 0) / words.length;
}

/** Pairs of content words that their counterparts turn round, as a share of all pairs. */
function inversions(words: readonly AlignedWord[]): number {
  let turned = 0;
  let all = 0;
  for (const [i, first] of words.entries()) {
    for (const second of words.slice(i + 1)) {
      all += 1;
      if (second.counterpart < first.counterpart) turned += 1;
    }
  }
  return all === 0 ? 0 : turned / all;
}

function trigramsOf(text: string): ReadonlySet<string> {
  const padded = ` ${text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
  return new Set(Array.from({ length: Math.max(0, padded.length - 2) }, (_one, at) => padded.slice(at, at + 3)));
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((item) => b.has(item)).length;
  const all = a.size + b.size - shared;
  return all === 0 ? 1 : shared / all;
}
