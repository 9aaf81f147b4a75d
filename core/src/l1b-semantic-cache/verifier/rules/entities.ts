import { isFunctionWord } from '../function-words.ts';
import type { Reading } from '../reading.ts';
import type { GuardRule } from '../rule.ts';
import { areRelated } from '../related-words.ts';
import { stem } from '../stem.ts';

/** Where a capital says nothing: at the beginning, and after the end of a sentence. */
const SENTENCE_START = /(?:^|[.!?:]\s+)["'“(]*([\p{L}\p{N}]+)/gu;

/** Names, known by their capital letters: each must be said in the other text as well, in whatever case. */
export const entities: GuardRule = {
  name: 'entity',
  difference: (a, b) => missing(a, b) ?? missing(b, a),
  examples: {
    apart: [
      ['Where is a rehab center in Mobile County?', 'Where is a rehab center in Clay County?'],
      ['What is the capital of France?', 'What is the capital of Spain?'],
      ['How do I cook rice?', 'How do I cook rice in India?'],
      ['Is NASA hiring?', 'Is ESA hiring?'],
      ['what does Apple sell', 'what does Microsoft sell'],
    ],
    alike: [
      ['What is the capital of France?', 'what is the capital of france'],
      ["What is France's capital?", 'What is the capital of France?'],
      ['How Do I Cook Rice?', 'How do I cook rice?'],
      ['What is the UN?', 'What is the United Nations?'],
      ['Do I need a visa?', 'Is a visa what I need?'],
    ],
  },
};

function missing(a: Reading, b: Reading): string | undefined {
  const inB = new Set(b.words.map(stem));
  const starts = new Set(Array.from(a.text.matchAll(SENTENCE_START), ({ 1: word }) => word));
  return a.written.find((word) => {
    const lower = (word.split("'")[0] ?? word).toLowerCase();
    if (!/^\p{Lu}/u.test(word) || isFunctionWord(lower) || inB.has(stem(lower))) return false;
    if (b.words.some((other) => areRelated(lower, other)) || isShortFor(word, b) || isSpelledBy(word, a, b))
      return false;
    // At the start of a sentence only what is written in capitals throughout is known to be a name.
    return !starts.has(word) || (word.length > 1 && word === word.toUpperCase());
  });
}

/** Whether the letters of a name begin words that follow each other in the other text: `UN`, `United Nations`. */
function isShortFor(name: string, { words }: Reading): boolean {
  if (name !== name.toUpperCase() || name.length < 2) return false;
  return words
    .map((word) => word.charAt(0).toUpperCase())
    .join('')
    .includes(name);
}

/** Whether a capitalised word is one of those that a short form in the other text stands for. */
function isSpelledBy(word: string, { written }: Reading, other: Reading): boolean {
  const at = written.indexOf(word);
  return other.written.some((name) => {
    if (name.length < 2 || name !== name.toUpperCase()) return false;
    for (let from = Math.max(0, at - name.length + 1); from <= at; from++) {
      const initials = written.slice(from, from + name.length).map((part) => part.charAt(0).toUpperCase());
      if (initials.join('') === name) return true;
    }
    return false;
  });
}
