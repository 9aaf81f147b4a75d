import type { TokenVectors } from '../token-vectors.ts';
import { aligned, directionOf, dot, wordVectorsOf, type AlignedWord } from './aligned-words.ts';
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
  'leastContentCovered',
  'mostContentCovered',
  // Content words with the worst counterparts.
  'farthestContent',
  'secondFarthestContent',
  'thirdFarthestContent',
  'farthestUnsaid',
  'farthestWord',
  'contentBelowHalf',
  'contentBelowTwoThirds',
  // Content words whose stem the other text lacks.
  'fewerUnsaid',
  'moreUnsaid',
  // Content words that nothing in the other text may stand for.
  'fewerUnrelated',
  'moreUnrelated',
  'farthestUnrelated',
  'sharedStems',
  'unsaidCosine',
  'isOneSided',
  'unsaidFunctionWords',
  'sharedTrigrams',
  'isOneQuestionType',
  'inversions',
  'fewerWords',
  'moreWords',
  'fewerContentWords',
  'contentSurplus',
  'isOneFirstWord',
] as const;

/** The numbers of a pair, as training and serving use them alike. Pure. */
export function pairFeatures(a: ReadText, b: ReadText, cosine: number): readonly number[] {
  const [wordsA, wordsB] = [wordVectorsOf(a.tokens), wordVectorsOf(b.tokens)];
  const sides = [aligned(wordsA, wordsB), aligned(wordsB, wordsA)] as const;
  const contents = sides.map((side) => side.filter(({ isContent }) => isContent));
  const [contentA = [], contentB = []] = contents;
  const far = contents.flatMap((side) => side.map(({ nearness }) => nearness)).toSorted((x, y) => x - y);
  const unsaid = contents.map((side) => side.filter(({ isSaid }) => !isSaid));
  const [unsaidA = [], unsaidB = []] = unsaid;
  const unrelated = contents.map((side) => side.filter(({ isRelated }) => !isRelated));
  const unrelatedCounts = unrelated.map(({ length }) => length);
  const covered = sides.map(meanNearness);
  const contentCovered = contents.map(meanNearness);
  const values: Record<(typeof PAIR_FEATURES)[number], number> = {
    cosine,
    leastCovered: Math.min(...covered),
    mostCovered: Math.max(...covered),
    leastContentCovered: Math.min(...contentCovered),
    mostContentCovered: Math.max(...contentCovered),
    farthestContent: far[0] ?? 1,
    secondFarthestContent: far[1] ?? 1,
    thirdFarthestContent: far[2] ?? 1,
    farthestUnsaid: Math.min(1, ...unsaid.flat().map(({ nearness }) => nearness)),
    farthestWord: Math.min(1, ...sides.flat().map(({ nearness }) => nearness)),
    contentBelowHalf: far.filter((nearness) => nearness < 1 / 2).length,
    contentBelowTwoThirds: far.filter((nearness) => nearness < 2 / 3).length,
    fewerUnsaid: Math.min(unsaidA.length, unsaidB.length),
    moreUnsaid: Math.max(unsaidA.length, unsaidB.length),
    fewerUnrelated: Math.min(...unrelatedCounts),
    moreUnrelated: Math.max(...unrelatedCounts),
    farthestUnrelated: Math.min(1, ...unrelated.flat().map(({ nearness }) => nearness)),
    sharedStems: overlap(new Set(contentA.map(({ stem }) => stem)), new Set(contentB.map(({ stem }) => stem))),
    unsaidCosine: unsaidCosine(unsaidA, unsaidB),
    isOneSided: Number((unsaidA.length === 0) !== (unsaidB.length === 0)),
    unsaidFunctionWords: sides.flat().filter(({ isContent, isSaid }) => !isContent && !isSaid).length,
    sharedTrigrams: overlap(trigramsOf(a.text), trigramsOf(b.text)),
    isOneQuestionType: Number(questionTypeOf(readingOf(a.text)) === questionTypeOf(readingOf(b.text))),
    inversions: inversions(contentA),
    fewerWords: Math.min(wordsA.length, wordsB.length),
    moreWords: Math.max(wordsA.length, wordsB.length),
    fewerContentWords: Math.min(contentA.length, contentB.length),
    contentSurplus: Math.abs(contentA.length - contentB.length),
    isOneFirstWord: Number(wordsA[0]?.word === wordsB[0]?.word),
  };
  return PAIR_FEATURES.map((name) => values[name]);
}

function meanNearness(words: readonly AlignedWord[]): number {
  return words.length === 0 ? 1 : words.reduce((sum, { nearness }) => sum + nearness, 0) / words.length;
}

/** How near what only one text says is to what only the other says; 0 where one of them says nothing more. */
function unsaidCosine(a: readonly AlignedWord[], b: readonly AlignedWord[]): number {
  const [inA, inB] = [directionOf(a), directionOf(b)];
  if (inA === undefined && inB === undefined) return 1;
  return inA === undefined || inB === undefined ? 0 : dot(inA, inB);
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
