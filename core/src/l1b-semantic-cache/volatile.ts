/** Whether a text asks for what has another answer tomorrow. */
export type VolatileRule = (text: string) => boolean;

/** Stands for the built-in words in `semantic_cache.volatile`. */
const BUILTIN_WORDS = 'default';

const BUILTIN = new RegExp(
  String.raw`\b(?:${[
    "today(?:’s|'s)?",
    'tonight',
    'tomorrow',
    'yesterday',
    'now',
    'nowadays',
    'currently',
    'current',
    'latest',
    'newest',
    'recent',
    'recently',
    'upcoming',
    'so far',
    'as of',
    'at the moment',
    'these days',
    '(?:this|next|last) (?:hour|morning|afternoon|evening|week|weekend|month|quarter|season|year|monday|tuesday|wednesday|thursday|friday|saturday|sunday)',
    'prices?',
    'stock',
    'exchange rates?',
    'weather',
    'forecast',
    'news',
    'what time is it',
    'what day is it',
    'in stock',
    'opening hours',
    'ago',
    'still',
    'yet',
    'up to date',
  ].join('|')})\b`,
  'i',
);

/** Letters and digits: what is between them parts words. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Written without blanks: there no word has an end that is seen. */
const UNPARTED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** The rule of a deployment that says nothing else. */
export const BUILTIN_VOLATILE: VolatileRule = (text) => BUILTIN.test(text);

/**
 * The rule of words and phrases: a text with any of them is volatile. They are compared as whole words whatever their
 * case and what is between them, never as patterns; `default` among them stands for the built-in ones.
 */
export function volatileRule(phrases: readonly string[]): VolatileRule {
  const own = phrases.filter((phrase) => phrase.toLowerCase() !== BUILTIN_WORDS).map(needleOf);
  if (own.length === 0) return phrases.length === 0 ? () => false : BUILTIN_VOLATILE;
  const builtin = own.length < phrases.length ? BUILTIN_VOLATILE : () => false;
  return (text) => {
    if (builtin(text)) return true;
    const words = wordsOf(text);
    return own.some((needle) => words.includes(needle));
  };
}

function needleOf(phrase: string): string {
  const words = wordsOf(phrase);
  return UNPARTED.test(phrase) ? words.trim() : words;
}

/** The words in lower case, a blank before and after each. */
function wordsOf(text: string): string {
  return ` ${(text.normalize('NFKC').toLowerCase().match(WORD) ?? []).join(' ')} `;
}
