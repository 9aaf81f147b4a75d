import { ENGLISH_FUNCTION_WORDS, FOREIGN_FUNCTION_WORDS } from './function-words-by-language.ts';
import { isKnownWord } from './verifier/related-words.ts';
import { ANTONYM_PAIRS } from './verifier/rules/antonym-pairs.ts';
import { stem } from './verifier/stem.ts';

/** Least share of the letters that are Latin: a foreign word may be asked for, and π. */
const LEAST_LATIN = 0.8;
const LETTER = /\p{L}/gu;
const LATIN_LETTER = /\p{Script=Latin}/gu;
const OTHER_LETTER = /[^\p{ASCII}\P{L}]/u;
/** What stands behind an apostrophe is the rest of a contraction, and behind a dot or an at sign that of an address. */
const WORD = /(?<![\p{L}\p{M}\p{N}'’.@])[\p{L}\p{M}\p{N}]+/gu;
const DIGIT = /\p{N}/u;

/** What users write that WordNet does not relate to anything: `reset`, `uninstall`. */
const EVERYDAY: ReadonlySet<string> = new Set(ANTONYM_PAIRS.flatMap((pair) => pair.split(/[ |]/).map(stem)));

/** In which of the other languages a word is a function word. */
const LANGUAGES_OF: ReadonlyMap<string, readonly string[]> = languagesByWord();

/**
 * Whether a text is recognisably English, the one language that rules and figures exist for. Cheap and careful: its
 * function words must be more than those of any other language, and half of all words known to WordNet; without
 * any function word (`reset password`) it must be written in plain letters, and more of it known.
 * Measured in core/eval/README.md.
 */
export function isEnglish(text: string): boolean {
  if (countOf(LATIN_LETTER, text) < LEAST_LATIN * countOf(LETTER, text)) return false;
  const words = (text.toLowerCase().match(WORD) ?? []).filter((word) => !DIGIT.test(word));
  const english = words.filter((word) => ENGLISH_FUNCTION_WORDS.has(word));
  const foreign = mostForeign(words);
  const known = words.filter(isKnown).length;
  // `Was`, `in` and `man` are words of other languages too: with nothing better, no foreign one may stand beside them.
  if (english.some((word) => !LANGUAGES_OF.has(word))) return english.length > foreign && known >= words.length / 2;
  if (foreign > 0) return false;
  return english.length > 0 ? known >= words.length / 2 : !OTHER_LETTER.test(text) && known >= (words.length * 2) / 3;
}

function isKnown(word: string): boolean {
  return ENGLISH_FUNCTION_WORDS.has(word) || isKnownWord(word) || EVERYDAY.has(stem(word));
}

/** Most function words that one other language has in the text and English has not. */
function mostForeign(words: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const word of words) {
    if (ENGLISH_FUNCTION_WORDS.has(word)) continue;
    for (const language of LANGUAGES_OF.get(word) ?? []) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

function languagesByWord(): ReadonlyMap<string, readonly string[]> {
  const languages = new Map<string, readonly string[]>();
  for (const [language, words] of Object.entries(FOREIGN_FUNCTION_WORDS)) {
    for (const word of words) languages.set(word, [...(languages.get(word) ?? []), language]);
  }
  return languages;
}

function countOf(pattern: RegExp, text: string): number {
  return text.match(pattern)?.length ?? 0;
}
