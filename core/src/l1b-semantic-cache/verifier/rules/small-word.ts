import type { Reading } from '../reading.ts';
import type { GuardRule } from '../rule.ts';

const PLACING: ReadonlySet<string> = new Set(
  (
    'to of in on at by for from with about into onto over under up out off through across towards between behind near ' +
    'around along upon above below via as like than inside outside among and or but if when while once during within ' +
    'can could may might must should would will shall'
  ).split(' '),
);
/** Those of one row may stand for each other; each is said for the other in questions that ask the same. */
const EQUAL: readonly ReadonlySet<string>[] = [
  'in of at during within inside',
  'of about on for',
  'of from',
  'for to in',
  'for towards',
  'to on onto upon',
  'about around',
  'from through',
  'by through via',
  'by near',
  'over above',
  'under below',
  'as like',
  'when while if once',
  'can could may might would',
  'should would shall',
  'will shall',
].map((row) => new Set(row.split(' ')));
const DROPPED: ReadonlySet<string> = new Set('a an the do does did my your'.split(' '));

/** Two questions that are the same word for word but for one preposition, conjunction or helping verb each. */
export const smallWord: GuardRule = {
  name: 'small-word',
  difference(a, b) {
    const [inA, inB] = [partsOf(a), partsOf(b)];
    const at = inA.findIndex((word, place) => word !== inB[place]);
    const [x = '', y = ''] = [inA[at], inB[at]];
    if (inA.length !== inB.length || !PLACING.has(x) || !PLACING.has(y)) return undefined;
    if (inA.slice(at + 1).some((word, after) => word !== inB[at + 1 + after])) return undefined;
    return EQUAL.some((row) => row.has(x) && row.has(y)) ? undefined : `${x} / ${y}`;
  },
  examples: {
    apart: [
      ['Is the salary paid to employees?', 'Is the salary paid by employees?'],
      ['Is the pill safe by day 5?', 'Is the pill safe from day 5?'],
      ['Who is the letter from?', 'Who is the letter to?'],
      ['What is in the box?', 'What is on the box?'],
      ['Is it a virus or a fungus?', 'Is it a virus and a fungus?'],
      ['May I bring a dog?', 'Must I bring a dog?'],
      ['Can I take aspirin daily?', 'Should I take aspirin daily?'],
      ['Are cats kept for dogs?', 'Are cats kept near dogs?'],
      ['Can I pay tax through June?', 'Can I pay tax in June?'],
    ],
    alike: [
      ['What do you think about life?', 'What do you think of life?'],
      ['How do I add a photo to an album?', 'How do I add a photo on an album?'],
      ['What do you like about tea?', 'What do you love about tea?'],
      ['What can I do at night?', 'What could I do at night?'],
      ['What happens when it rains?', 'What happens if it rains?'],
      ['Is the salary paid to employees?', 'Is the salary paid by the month?'],
    ],
  },
};

function partsOf({ words }: Reading): readonly string[] {
  return words.filter((word) => !DROPPED.has(word));
}
