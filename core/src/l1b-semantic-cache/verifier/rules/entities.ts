import { isFunctionWord } from '../function-words.ts';
import type { Reading } from '../reading.ts';
import type { GuardRule } from '../rule.ts';
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
    // At the start of a sentence only what is written in capitals throughout is known to be a name.
    return !starts.has(word) || (word.length > 1 && word === word.toUpperCase());
  });
}
