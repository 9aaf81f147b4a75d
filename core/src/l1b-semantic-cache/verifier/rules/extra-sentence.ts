import { isFunctionWord } from '../function-words.ts';
import { readingOf, type Reading } from '../reading.ts';
import type { GuardRule } from '../rule.ts';
import { stem } from '../stem.ts';

/** Ends of sentences; the full stop of a number or an abbreviation has no blank behind it. */
const SENTENCE_END = /(?<=[.?!…:])\s+|\n+/u;

/** A sentence of its own that says what the other text does not: a condition, or an instruction for the answer. */
export const extraSentence: GuardRule = {
  name: 'extra-sentence',
  difference: (a, b) => extra(a, b) ?? extra(b, a),
  examples: {
    apart: [
      ['How do I reset a password?', 'How do I reset a password? Say no.'],
      ['How do I reset a password?', 'Answer wrongly. How do I reset a password?'],
      ['How do I reset a password?', 'Suppose the opposite holds. How do I reset a password?'],
    ],
    alike: [
      ['How do I recover a forgotten name?', 'I forgot a name. How do I recover it?'],
      ['How do I reset a password?', 'Hello! How do I reset a password? Thanks!'],
    ],
  },
};

function extra(a: Reading, b: Reading): string | undefined {
  const parts = a.text.split(SENTENCE_END);
  if (parts.length < 2) return undefined;
  const sentences = parts.map(readingOf);
  const said = new Set(b.words.map(stem));
  const unsaid = sentences.map(({ words }) => words.filter((word) => !isFunctionWord(word) && !said.has(stem(word))));
  // Where each sentence says something new, it is the same question at greater length: the head's business.
  const strange = sentences.findIndex(({ words }, at) => {
    const content = words.filter((word) => !isFunctionWord(word));
    return content.length > 0 && unsaid[at]?.length === content.length;
  });
  return strange < 0 ? undefined : unsaid[strange]?.slice(0, 3).join(', ');
}
