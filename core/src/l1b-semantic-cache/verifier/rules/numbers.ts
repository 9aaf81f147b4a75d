import type { Reading } from '../reading.ts';
import { differenceOf, type GuardRule } from '../rule.ts';

const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const SCALES: Readonly<Record<string, number>> = {
  hundred: 100,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12,
  k: 1e3,
  m: 1e6,
  bn: 1e9,
};
const OTHERS: Readonly<Record<string, string>> = {
  half: '1/2',
  quarter: '1/4',
  dozen: '12',
  once: '1x',
  twice: '2x',
  double: '2x',
  triple: '3x',
  single: '1',
  second: '#2',
  third: '#3',
  fourth: '#4',
  fifth: '#5',
};
const NUMERAL = /^(-?(?:\d[\d,]*)?\.?\d+)(st|nd|rd|th|k|m|bn)?$/;

/** Amounts and ranks: `10,000`, `10k` and `ten thousand` are one number, `first` is none (`who was first` …). */
export const numbers: GuardRule = {
  name: 'number',
  difference: (a, b) => differenceOf(numbersOf(a), numbersOf(b)),
  examples: {
    apart: [
      ['Convert 5 miles to kilometers', 'Convert 6 miles to kilometers'],
      ['What can I do with two monitors?', 'What can I do with three monitors?'],
      ['How old is Python 2.7?', 'How old is Python 3.7?'],
      ['How do I lose weight?', 'How do I lose 20 pounds of weight?'],
      ['What is twenty five squared?', 'What is twenty six squared?'],
      ['Who was the 2nd president?', 'Who was the 3rd president?'],
      ['half of a cake', 'a cake'],
      ['What is -5 plus 3?', 'What is 5 plus 3?'],
      ['Is it cold at (\u22125) degrees?', 'Is it cold at (5) degrees?'],
      ['What is .5 of a mile?', 'What is 5 of a mile?'],
    ],
    alike: [
      ['What is 10k in words?', 'What is 10,000 in words?'],
      ['What can I do with two monitors?', 'What can I do with 2 monitors?'],
      ['ten thousand steps a day', '10,000 steps a day'],
      ['What is twenty-five squared?', 'What is 25 squared?'],
      ['Who was the second president?', 'Who was the 2nd president?'],
      ['What is .5 of a mile?', 'What is 0.5 of a mile?'],
      ['Are 5 - 10 steps enough?', 'Are 5 \u2212 10 steps enough?'],
      ['Which one is better?', 'Which is better?'],
    ],
  },
};

/** The numbers of a text in its order. */
function numbersOf({ words }: Reading): string[] {
  const found: string[] = [];
  let open: number | undefined;
  const close = (): void => {
    if (open !== undefined) found.push(String(open));
    open = undefined;
  };
  const parts = words.flatMap((word) => (isCompound(word) ? word.split('-') : [word]));
  for (const [i, word] of parts.entries()) {
    const numeral = NUMERAL.exec(word);
    const scale = SCALES[word];
    const small = SMALL.indexOf(word);
    const ten = TENS.indexOf(word);
    if (numeral !== null) {
      close();
      const value = Number((numeral[1] ?? '').replaceAll(',', ''));
      const suffix = numeral[2] ?? '';
      if (suffix in SCALES) open = value * (SCALES[suffix] ?? 1);
      else if (suffix === '') open = value;
      else found.push(`#${value}`);
    } else if (scale !== undefined && (open !== undefined || word.length > 2)) open = (open ?? 1) * scale;
    else if (ten >= 0) {
      close();
      open = 10 * (ten + 2);
    } else if (small >= 0 && (small !== 1 || isAmountOfOne(parts, i, open))) {
      if (open !== undefined && open >= 20 && open < 100 && open % 10 === 0 && small < 10) open += small;
      else {
        close();
        open = small;
      }
    } else {
      close();
      const other = OTHERS[word];
      if (other !== undefined) found.push(other);
      else if (/\d/.test(word)) found.push(word);
    }
  }
  close();
  return found;
}

/** `one` is mostly no number ("which one", "how does one"): it is before a scale, or after a ten. */
function isAmountOfOne(words: readonly string[], at: number, open: number | undefined): boolean {
  return open !== undefined || (words[at + 1] ?? '') in SCALES;
}

function isCompound(word: string): boolean {
  const [ten = '', unit = ''] = word.split('-');
  return TENS.includes(ten) && SMALL.includes(unit);
}
