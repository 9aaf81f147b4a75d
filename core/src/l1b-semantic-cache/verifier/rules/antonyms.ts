import type { GuardRule } from '../rule.ts';
import { areContrary } from '../related-words.ts';
import { stem } from '../stem.ts';
import { ANTONYM_PAIRS } from './antonym-pairs.ts';

interface Sides {
  readonly left: ReadonlySet<string>;
  readonly right: ReadonlySet<string>;
}

const NONE: Sides = { left: new Set(), right: new Set() };
const SIDES: readonly Sides[] = ANTONYM_PAIRS.map((pair) => {
  const [left = '', right = ''] = pair.split('|');
  return { left: stems(left.split(' ')), right: stems(right.split(' ')) };
});

/** The rows that name a word, by its stem: of all rows few are about a text. */
const ROWS_OF: ReadonlyMap<string, readonly number[]> = SIDES.reduce((rows, { left, right }, row) => {
  for (const word of new Set([...left, ...right])) rows.set(word, [...(rows.get(word) ?? []), row]);
  return rows;
}, new Map<string, readonly number[]>());

/** Contrary words, one in each text. */
export const antonyms: GuardRule = {
  name: 'antonym',
  difference(a, b) {
    const [inA, inB] = [stems(a.words), stems(b.words)];
    const rows = new Set([...inA].flatMap((word) => ROWS_OF.get(word) ?? []));
    for (const row of [...rows].toSorted((x, y) => x - y)) {
      const { left, right } = SIDES[row] ?? NONE;
      const found = contrary(inA, inB, left, right) ?? contrary(inA, inB, right, left);
      if (found !== undefined) return found;
    }
    return contraryWords(a.words, b.words);
  },
  examples: {
    apart: [
      ['Enable two-factor authentication', 'Disable two-factor authentication'],
      ['How do I turn on the flashlight?', 'How do I turn off the flashlight?'],
      ['How do I open a bank account?', 'How do I close a bank account?'],
      ['Why is the sky dark?', 'Why is the sky light?'],
      ['What are the advantages of solar power?', 'What are the disadvantages of solar power?'],
      ['How to gain weight?', 'How to lose weight?'],
      ['What to eat before a race?', 'What to eat after a race?'],
      ['What is the largest city in Peru?', 'What is the smallest city in Peru?'],
    ],
    alike: [
      ['Enable two-factor authentication', 'Turn on two-factor authentication'],
      ['How do I open and close a file?', 'How are files opened and closed?'],
      ['What are the benefits of tea?', 'What are the advantages of tea?'],
    ],
  },
};

/** The same by a larger table, of words that only one of the texts has. */
function contraryWords(a: readonly string[], b: readonly string[]): string | undefined {
  const [inA, inB] = [new Set(a.map(stem)), new Set(b.map(stem))];
  const onlyB = b.filter((word) => !inA.has(stem(word)));
  for (const word of a) {
    if (inB.has(stem(word))) continue;
    const other = onlyB.find((candidate) => areContrary(word, candidate));
    if (other !== undefined) return `${word} / ${other}`;
  }
  return undefined;
}

/** A word of one side that only the first text has, and one of the other that only the second has. */
function contrary(
  inA: ReadonlySet<string>,
  inB: ReadonlySet<string>,
  left: ReadonlySet<string>,
  right: ReadonlySet<string>,
): string | undefined {
  const hasLeft = [...left].find((word) => inA.has(word));
  const hasRight = [...right].find((word) => inB.has(word));
  if (hasLeft === undefined || hasRight === undefined) return undefined;
  const both = [...right].some((word) => inA.has(word)) && [...left].some((word) => inB.has(word));
  return both ? undefined : `${hasLeft} / ${hasRight}`;
}

/** With the degree of an adjective taken off as well: `largest` is `large`. */
function stems(words: readonly string[]): ReadonlySet<string> {
  return new Set(
    words.flatMap((word) => [stem(word), stem(word.replace(/i?(?:est|er)$/, ''))]).filter((w) => w !== ''),
  );
}
