import { readingOf, type Reading } from '../reading.ts';
import type { GuardRule } from '../rule.ts';

/** The first that fits. Read in lower case, words parted by one blank. */
const TYPES: readonly (readonly [string, RegExp])[] = [
  [
    'why',
    /\bwhy\b|\bhow come\b|\bwhat(?: is| are)? (?:the )?(?:main )?(?:reasons?|causes?)\b|\bwhat causes\b|\bwhat makes\b(?! (?:a|an|for|good)\b)/,
  ],
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
    /\bhow\b|\bin what way\b|\bwhat (?:can|could|should|must|do) (?:i|you|we|one) (?:do|try)\b|\bwhat helps\b|\bis there (?:a|any) way\b|\bwhat (?:is|are|would be|should i do)\b.{0,24}\b(?:ways?|steps?|methods?|process|procedure|tips)\b|\b(?:ways?|steps|tips) (?:to|for|of)\b/,
  ],
  ['who', /\b(?:who|whom|whose)\b/],
  [
    'yes or no',
    /^(?:so |and |but )?(?:is|are|am|was|were|do|does|did|can|could|will|would|shall|should|may|might|must|has|have|had)\b/,
  ],
  ['what', /\b(?:what|which)\b|^(?:define|describe|explain)\b|\bmeaning of\b/],
];

const ASKED_BY_STATEMENT: readonly string[] = ['how', 'what'];
/** Asking for it does not change what is asked for. */
const REQUEST =
  /^(?:please )?(?:can|could|would|will|might) (?:you|someone|somebody|anyone|anybody) (?:please |kindly )?/;
/** What asks to be told says nothing of what is asked. */
const ASKING =
  /^.{0,60}?(?:\b(?:tell|show|telling|showing|advise|explain|ask|know|wonder|wondering|like to know)\b(?: (?:me|us|to me|to us))?(?: (?:if|whether))?|\b(?:hi|hello|hey|question|please)\b) (?=(?:what|which|who|whom|whose|when|where|why|how|is|are|does|do|can|could)\b)/;

/** What kind of answer is asked for: a reason, a time, a way, a yes or no. */
export const questionType: GuardRule = {
  name: 'question-type',
  difference(a, b) {
    const [typeA, typeB] = [questionTypeOf(a), questionTypeOf(b)];
    // `Reset a password` and `capital of Slovenia` are written by who wants to know how, or what.
    if ([typeA, typeB].includes('statement') && [typeA, typeB].some((type) => ASKED_BY_STATEMENT.includes(type)))
      return undefined;
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
export function questionTypeOf(reading: Reading): string {
  const { words } = withoutFirstClause(reading);
  const text = words.join(' ').replace(REQUEST, '').replace(ASKING, '');
  return TYPES.find(([, pattern]) => pattern.test(text))?.[0] ?? 'statement';
}

/** `When I travel, how do I …` asks how. */
const FIRST_CLAUSE =
  /^[^,.?!]{3,60}[,.] (?=(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|does|do|did|can|could|should|will)\b)/i;

function withoutFirstClause(reading: Reading): Reading {
  const text = reading.text.replace(FIRST_CLAUSE, '');
  return text === reading.text ? reading : readingOf(text);
}
