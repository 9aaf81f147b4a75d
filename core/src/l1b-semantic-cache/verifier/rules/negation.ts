import type { Reading } from '../reading.ts';
import { differenceOf, type GuardRule } from '../rule.ts';
import { Vocabulary } from '../vocabulary.ts';

const NEGATIONS = new Vocabulary([
  'not: not no never none nobody nothing nowhere neither nor cannot non hardly barely rarely seldom nay',
  'without: without lacking minus',
  'except: except excluding besides unless apart',
  'stop: stop stops stopping stopped avoid avoids avoiding prevent prevents preventing refuse quit quitting',
  'fail: fail fails failed failing failure unable impossible',
]);

/** Words that turn a sentence round. */
export const negation: GuardRule = {
  name: 'negation',
  difference: (a, b) => differenceOf(negationsOf(a), negationsOf(b)),
  examples: {
    apart: [
      ['Why is my phone charging?', 'Why is my phone not charging?'],
      ['Which foods can dogs eat?', "Which foods can't dogs eat?"],
      ['Can I travel with a passport?', 'Can I travel without a passport?'],
      ['How do I start smoking?', 'How do I stop smoking?'],
      ['Is it possible to divide by zero?', 'Is it impossible to divide by zero?'],
      ['all days except Friday', 'all days and Friday'],
      ['Is it true that nobody likes rain?', 'Is it true that somebody likes rain?'],
    ],
    alike: [
      ["Why doesn't the printer print?", 'Why does the printer not print?'],
      ['How do I quit smoking?', 'How do I stop smoking?'],
      ['Which foods can dogs never eat?', 'Which foods can dogs not eat?'],
    ],
  },
};

function negationsOf(reading: Reading): string[] {
  return NEGATIONS.in(reading);
}
