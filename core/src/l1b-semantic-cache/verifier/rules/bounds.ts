import type { Reading } from '../reading.ts';
import { setDifferenceOf, type GuardRule } from '../rule.ts';

/** What stands before a number, and makes it a bound. */
const BOUNDS: readonly (readonly [name: string, before: RegExp])[] = [
  ['over', /\b(?:over|above|beyond|exceeding|(?:more|greater|higher|larger|longer|older) than)$/],
  ['under', /\b(?:under|below|(?:less|fewer|lower|smaller|shorter|younger) than)$/],
  ['at least', /\b(?:at least|minimum of)$/],
  ['at most', /\b(?:at most|up to|maximum of|no more than|not more than)$/],
];
/** Words before a number that are looked at. */
const BEFORE = 3;

/** Whether a number is meant itself, or all that is over or under it. */
export const bounds: GuardRule = {
  name: 'bound',
  difference: (a, b) => setDifferenceOf(boundsOf(a), boundsOf(b)),
  examples: {
    apart: [
      ['Can children of 5 fly free?', 'Can children over 5 fly free?'],
      ['Is it legal to own a gun at 18?', 'Is it legal to own a gun under 18?'],
      ['Is income up to 10000 taxed?', 'Is income over 10000 taxed?'],
      ['Must I rest at least 5 days?', 'Must I rest at most 5 days?'],
    ],
    alike: [
      ['Do over 60 people fit in?', 'Do more than 60 people fit in?'],
      ['Is there anything over the rainbow?', 'Is there anything under the rainbow?'],
      ['Can children of 5 fly free?', 'Can children aged 5 fly free?'],
    ],
  },
};

function boundsOf({ words }: Reading): string[] {
  return words.flatMap((word, at) => {
    if (!/^[$-]?\d/.test(word)) return [];
    const before = words.slice(Math.max(0, at - BEFORE), at).join(' ');
    return BOUNDS.find(([, pattern]) => pattern.test(before))?.[0] ?? [];
  });
}
