import type { AskedText } from './asked-text.ts';

/** Longer texts are looked at up to here: the head was trained on questions, and its features are bounded anyway. */
const MAX_CHARACTERS = 8_000;

const FEATURES = {
  characters: ({ text }) => Math.log1p(text.length),
  words: (_, { words }) => Math.log1p(words.length),
  wordLength: ({ text }, { words }) => text.length / Math.max(1, words.length),
  longWords: (_, { words }) => share(words.filter((word) => word.length > 8).length, words.length),
  digits: ({ text }) => share(count(text, /\d/g), text.length),
  numbers: ({ text }) => Math.log1p(count(text, /\d+(?:[.,]\d+)*/g)),
  mathematics: ({ text }) => Math.log1p(count(text, /[=<>^+*/√∫∑π≤≥]|\\[a-z]+|\b(?:sin|cos|log|sqrt|mod)\b/g)),
  code: ({ text }) => Math.log1p(count(text, /[{};`]|=>|\(\)|\b(?:def|return|import|function|class|const)\b/g)),
  questions: ({ text }) => Math.log1p(count(text, /[?？]/g)),
  lines: ({ text }) => Math.log1p(count(text, /\n/g)),
  sentences: ({ text }) => Math.log1p(count(text, /[.!?](?:\s|$)/g)),
  capitals: ({ text }) => share(count(text, /\p{Lu}/gu), text.length),
  names: ({ text }) => Math.log1p(count(text, /(?<=[a-z,] )\p{Lu}\p{Ll}+/gu)),
  quotes: ({ text }) => Math.log1p(count(text, /["“”]/g)),
  gap: ({ text }) => flag(/_{2,}|\.{3}|…/.test(text)),
  why: ({ text }) => flag(/\b(?:why|how|explain|prove|derive|because)\b/i.test(text)),
  howMany: ({ text }) =>
    flag(/\b(?:how (?:many|much)|calculate|compute|find the|what is the (?:value|probability))\b/i.test(text)),
  negation: ({ text }) => flag(/\b(?:not|except|false|incorrect|never|least)\b/i.test(text)),
  statements: ({ text }) => flag(/\bstatements?\b/i.test(text)),
  accents: ({ text }) => share(count(text, /[À-ɏ]/g), text.length),
  otherScript: ({ text }) => flag(2 * count(text, /[^\P{L}\p{Script=Latin}]/gu) > count(text, /\p{L}/gu)),
  turns: ({ turns }) => turns,
} as const satisfies Readonly<Record<string, (asked: AskedText, seen: Seen) => number>>;

interface Seen {
  readonly words: readonly string[];
}

/** The features by name, in their order. */
export const PROMPT_FEATURES: readonly string[] = Object.keys(FEATURES);

/** What of a request is known without any model: length, digits, code, questions, turns, language. */
export function promptFeatures({ text, turns }: AskedText): readonly number[] {
  const asked = { text: text.slice(0, MAX_CHARACTERS), turns };
  const seen = { words: asked.text.match(/[\p{L}\p{N}]+/gu) ?? [] };
  return Object.values(FEATURES).map((feature) => feature(asked, seen));
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function flag(isSo: boolean): number {
  return isSo ? 1 : 0;
}
