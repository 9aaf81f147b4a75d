/** A text as the rules read it. */
export interface Reading {
  readonly text: string;
  /** Words as written, in order; signs and quotes around them are gone. */
  readonly written: readonly string[];
  /** The same in lower case, contractions written out (`don't`: `do`, `not`). */
  readonly words: readonly string[];
}

/** Letters and digits with what joins them inside a word. */
const WORD = /[\p{L}\p{N}]+(?:['’._@#+&/-][\p{L}\p{N}]+|,\d{3}(?!\d))*(?:\+\+|#)?/gu;

/** Reads a text once, for all rules. */
export function readingOf(text: string): Reading {
  const folded = text.normalize('NFKC').replaceAll('’', "'");
  const written = Array.from(folded.matchAll(WORD), ([word]) => word);
  return { text: folded, written, words: written.flatMap((word) => plainWords(word.toLowerCase())) };
}

const WHOLE: Readonly<Record<string, readonly string[]>> = {
  "can't": ['can', 'not'],
  cannot: ['can', 'not'],
  "won't": ['will', 'not'],
  "shan't": ['shall', 'not'],
  cant: ['can', 'not'],
  dont: ['do', 'not'],
  doesnt: ['does', 'not'],
  didnt: ['did', 'not'],
  isnt: ['is', 'not'],
  wont: ['will', 'not'],
};

function plainWords(word: string): readonly string[] {
  const whole = WHOLE[word];
  if (whole !== undefined) return whole;
  if (word.endsWith("n't")) return [word.slice(0, -3), 'not'];
  const [head = word, tail] = word.split("'");
  if (tail === undefined) return [word];
  // `what's` and `they're` ask with a verb, `Bob's` names an owner: the head is what differs.
  if (tail === 's' || tail === 'm' || tail === 're' || tail === 've' || tail === 'd' || tail === 'll') return [head];
  return [word];
}
