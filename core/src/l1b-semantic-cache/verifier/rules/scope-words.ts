import { setDifferenceOf, type GuardRule } from '../rule.ts';
import { Vocabulary } from '../vocabulary.ts';

const SCOPE_WORDS = new Vocabulary([
  'all: all every each everyone everybody everything whole entire',
  'only: only solely exclusively merely',
  'both: both',
  'either: either',
  'always: always',
  'often: often usually frequently mostly',
  'sometimes: sometimes occasionally',
  'first: first',
  'last: last final',
  'next: next following',
  'previous: previous prior former',
  'another: another other others else different',
  'same: same identical',
  'again: again',
  'once: once',
  'twice: twice',
  'half: half',
  'several: several few',
  'most: most',
  'almost: almost nearly',
  'even: even',
  'also: also',
  'new: new newest latest',
  'old: old older outdated',
  'rest: rest remaining',
  'single: single',
  'alone: alone',
  'together: together',
]);

/** Words that say of which, of how many, and how often. */
export const scopeWords: GuardRule = {
  name: 'scope-word',
  difference: (a, b) => setDifferenceOf(SCOPE_WORDS.in(a), SCOPE_WORDS.in(b)),
  examples: {
    apart: [
      ['How do I delete all files in a folder?', 'How do I delete files in a folder?'],
      ['Who was the first man on the moon?', 'Who was the last man on the moon?'],
      ['Are cats always lazy?', 'Are cats sometimes lazy?'],
      ['Is only water allowed?', 'Is water allowed?'],
    ],
    alike: [
      ['How do I delete all files?', 'How do I delete every file?'],
      ['Who was the last emperor of China?', 'Who was the final emperor of China?'],
    ],
  },
};
