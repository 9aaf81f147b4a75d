import { isFunctionWord } from '../function-words.ts';
import type { Reading } from '../reading.ts';
import type { GuardRule } from '../rule.ts';
import { stem } from '../stem.ts';

/** Words between two others that give each its role; `and` and `or` do not. */
const DIRECTED: ReadonlySet<string> = new Set(
  'to from over under into onto after before than by versus vs against without instead for on in via through like as'.split(
    ' ',
  ),
);

interface Place {
  readonly word: string;
  readonly at: number;
}

/** Who does what to whom: two words that change places around a word that gives them their roles. */
export const roles: GuardRule = {
  name: 'role',
  difference(a, b) {
    const [inA, inB] = [contentOf(a), contentOf(b)];
    const sameWords = inA.length === inB.length && inA.every(({ word }) => inB.some((other) => other.word === word));
    for (const [i, first] of inA.entries()) {
      for (const second of inA.slice(i + 1)) {
        const [x, y] = [inB.find(({ word }) => word === first.word), inB.find(({ word }) => word === second.word)];
        if (x === undefined || y === undefined || x.at < y.at || first.word === second.word) continue;
        if (isDirected(a, first, second) && isDirected(b, y, x)) return `${first.word} ${second.word}`;
        if (sameWords && !hasOf(a, first, second) && !hasOf(b, y, x)) return `${first.word} ${second.word}`;
      }
    }
    return undefined;
  },
  examples: {
    apart: [
      ['Is there life after death?', 'Is there death after life?'],
      ['Why choose Python over Java?', 'Why choose Java over Python?'],
      ['How do I convert PDF to Word?', 'How do I convert Word to PDF?'],
      ['Flights from Rome to Paris', 'Flights from Paris to Rome'],
      ['Did the dog bite the man?', 'Did the man bite the dog?'],
      ['Is silver heavier than gold?', 'Is gold heavier than silver?'],
    ],
    alike: [
      ['What is the capital of France?', "What is France's capital?"],
      ['Why choose Python over Java?', 'Why should one choose Python over Java?'],
    ],
  },
};

function contentOf({ words }: Reading): Place[] {
  return words.flatMap((word, at) => (isFunctionWord(word) || DIRECTED.has(word) ? [] : { word: stem(word), at }));
}

function isDirected({ words }: Reading, from: Place, to: Place): boolean {
  return words.slice(from.at + 1, to.at).some((word) => DIRECTED.has(word));
}

/** `x of y` is `y's x`. */
function hasOf({ words }: Reading, from: Place, to: Place): boolean {
  return words.slice(from.at + 1, to.at).includes('of');
}
