import type { Reading } from '../reading.ts';
import type { GuardRule } from '../rule.ts';

/** The first that fits. Read in lower case, words parted by one blank. */
const TYPES: readonly (readonly [string, RegExp])[] = [
  ['why', /\bwhy\b|\bhow come\b|\bwhat(?: is| are)? (?:the )?(?:main )?(?:reasons?|causes?)\b|\bwhat causes\b/],
  [
    'when',
    /\bwhen (?:is|are|was|were|do|does|did|will|can|should|to|has|have)\b|\b(?:what|which) (?:time|date|day|year|month)\b/,
  ],
  ['where', /\bwhere\b|\bin (?:what|which) (?:place|city|country|state)\b/],
  ['how much', /\bhow (?:much|many)\b|\bwhat (?:is|are) the (?:number|amount|cost) of\b/],
  ['how long', /\bhow (?:long|far|old|tall|big|large|deep|high|fast|often|heavy|wide|soon)\b/],
  ['difference', /\b(?:difference|differences|differ|distinguish|compare|comparison|versus|vs)\b/],
  [
    'how',
    /\bhow\b|\bwhat (?:is|are|would be|should i do)\b.{0,24}\b(?:ways?|steps?|methods?|process|procedure|tips)\b|\b(?:ways?|steps|tips) (?:to|for|of)\b/,
  ],
  ['who', /\b(?:who|whom|whose)\b/],
  [
    'yes or no',
    /^(?:so |and |but )?(?:is|are|am|was|were|do|does|did|can|could|will|would|shall|should|may|might|must|has|have|had)\b/,
  ],
  ['what', /\b(?:what|which)\b|^(?:define|describe|explain)\b|\bmeaning of\b/],
];

/** What kind of answer is asked for: a reason, a time, a way, a yes or no. */
export const questionType: GuardRule = {
  name: 'question-type',
  difference(a, b) {
    const [typeA, typeB] = [questionTypeOf(a), questionTypeOf(b)];
    return typeA === typeB ? undefined : `${typeA} / ${typeB}`;
  },
  examples: {
    apart: [
      ['Why do cats purr?', 'How do cats purr?'],
      ['Do cats purr?', 'Why do cats purr?'],
      ['When was Rome founded?', 'Where was Rome founded?'],
      ['How many users are there?', 'Who are the users?'],
      ['Can I reset my password?', 'How can I reset my password?'],
      ['How old is the universe?', 'How was the universe made?'],
      ['What is TCP?', 'What is the difference between TCP and UDP?'],
    ],
    alike: [
      ['What is the reason cats purr?', 'Why do cats purr?'],
      ['What is the best way to learn French?', 'How do I best learn French?'],
      ['Steps to reset a router', 'How do I reset a router?'],
      ['In what year was Rome founded?', 'When was Rome founded?'],
      ['Which planet is red?', 'What planet is red?'],
    ],
  },
};

/** The kind of answer that a text asks for. */
export function questionTypeOf({ words }: Reading): string {
  const text = words.join(' ');
  return TYPES.find(([, pattern]) => pattern.test(text))?.[0] ?? 'statement';
}
