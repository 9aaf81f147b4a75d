import { distance } from 'fastest-levenshtein';
import { isFunctionWord } from '../function-words.ts';
import type { Reading } from '../reading.ts';
import { areRelated } from '../related-words.ts';
import type { GuardRule } from '../rule.ts';
import { stem } from '../stem.ts';

/** In shorter words another letter makes another word. */
const LEAST_LETTERS = 6;

/** Two questions that are the same but for one content word each, where neither word may stand for the other. */
export const substitution: GuardRule = {
  name: 'substitution',
  difference(a, b) {
    const [inA, inB] = [contentOf(a), contentOf(b)];
    const [onlyA, onlyB] = [without(inA, inB), without(inB, inA)];
    const [x, y] = [onlyA[0], onlyB[0]];
    if (onlyA.length !== 1 || onlyB.length !== 1 || x === undefined || y === undefined) return undefined;
    return areRelated(x, y) || isSlip(x, y) ? undefined : `${x} / ${y}`;
  },
  examples: {
    apart: [
      ['What are the side effects of ibuprofen?', 'What are the side effects of naproxen?'],
      ['How long do hamsters live?', 'How long do parrots live?'],
      ['How do I fix a leaking tap?', 'How do I fix a leaking toilet?'],
      ['what is plan a', 'what is plan b'],
      ['Does vitamin A help the eyes?', 'does vitamin d help the eyes'],
    ],
    alike: [
      ['How do I buy a gift card?', 'How can I purchase a gift card?'],
      ['How do I recieve a fax?', 'How do I receive a fax?'],
      ['How do I delete a file?', 'How do I remove a file?'],
    ],
  },
};

function contentOf({ words }: Reading): readonly string[] {
  return [...new Set(words.filter((word) => !isFunctionWord(word)))];
}

function without(words: readonly string[], others: readonly string[]): readonly string[] {
  const stems = new Set(others.map(stem));
  return words.filter((word) => !stems.has(stem(word)));
}

/** One letter too many, missing or wrong, or all the same letters in another order. */
function isSlip(a: string, b: string): boolean {
  if (a[0] !== b[0] || Math.min(a.length, b.length) < LEAST_LETTERS) return false;
  return distance(a, b) <= 1 || lettersOf(a) === lettersOf(b);
}

function lettersOf(word: string): string {
  return Array.from(word).toSorted().join('');
}
