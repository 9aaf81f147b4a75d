import { LRUCache } from 'lru-cache';

/** A text as the rules read it. */
export interface Reading {
  readonly text: string;
  /** Words as written, in order; signs and quotes around them are gone. */
  readonly written: readonly string[];
  /** The same in lower case, contractions written out (`don't`: `do`, `not`); an `a` that is a name stays `A`. */
  readonly words: readonly string[];
}

/** Letters and digits with what joins them inside a word; a sign and a decimal point belong to the number behind them. */
const WORD =
  /(?:(?<![\p{L}\p{N})\].,'"-])-(?=\.?\p{N}))?(?:(?<![\p{L}\p{N}])\.(?=\p{N}))?[\p{L}\p{N}]+(?:['’._@#+&/-][\p{L}\p{N}]+|,\d{3}(?!\d))*(?:\+\+|#)?/gu;

/** One question is held against several candidates, and a candidate against many questions. */
const LATEST = new LRUCache<string, Reading>({ max: 256 });

/** Reads a text once, for all rules. */
export function readingOf(text: string): Reading {
  const latest = LATEST.get(text);
  if (latest !== undefined) return latest;
  const reading = read(text);
  LATEST.set(text, reading);
  return reading;
}

function read(text: string): Reading {
  const folded = withoutCourtesy(text.normalize('NFKC').replaceAll('’', "'").replaceAll('\u2212', '-'));
  const written = Array.from(folded.matchAll(WORD), ([word]) => word);
  const areLetters = written.some((word) => NAMED_LETTER.test(word));
  const words = phrasesFolded(
    written.flatMap((word, at) => (isNamedA(written, at, areLetters) ? 'A' : plainWords(word.toLowerCase()))),
  );
  return { text: folded, written, words };
}

/** Single letters that are hardly ever short for a word. */
const NAMED_LETTER = /^(?:[B-HJ-Z]|[bcxz])$/;

/** `Is A bigger than B`, `vitamin A`, `plan a`: no article, since other letters are named, it alone has a capital, or it is last. */
function isNamedA(written: readonly string[], at: number, areLetters: boolean): boolean {
  const word = written[at] ?? '';
  if (/^a$/i.test(word) && (areLetters || at === written.length - 1)) return true;
  return word === 'A' && /^\p{Ll}/u.test(written[at - 1] ?? '');
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
  // `what's` asks with a verb, `Bob's` names an owner.
  if (tail === 's') return ASKING_WORDS.has(head) ? [head, 'is'] : [head];
  if (tail === 'd') return [head, ASKING_WORDS.has(head) && head !== 'it' ? 'did' : 'would'];
  const verb = VERB_ENDINGS[tail];
  return verb === undefined ? [word] : [head, verb];
}

const ASKING_WORDS: ReadonlySet<string> = new Set(
  'what who where when how why which that it there here he she let'.split(' '),
);
const VERB_ENDINGS: Readonly<Record<string, string>> = { m: 'am', re: 'are', ve: 'have', ll: 'will' };

const GREETING =
  /^(?:(?:hi|hello|hey|greetings|dear|good (?:morning|afternoon|evening|day)|excuse me|sorry(?: to bother you)?|help|i need help|quick question)(?: (?:there|team|all|everyone|support|folks))?(?:,? but)?[,.!:]+\s*(?:quick question[:,]\s*)?)+/i;
const THANKS =
  /(?:[,.!?\s]+(?:thanks|thank you|many thanks|cheers|please|pls|appreciate the help|appreciate it|thx)(?: (?:a lot|so much|very much|in advance|for (?:the|your) help))?[.!]*)+$/i;

/** Greetings and thanks ask for nothing. */
function withoutCourtesy(text: string): string {
  const short = text
    .trim()
    .replace(GREETING, '')
    .replace(THANKS, (_all, offset: number) => (offset > 0 ? '' : text));
  return short === '' ? text : short;
}

const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:turn|switch)(?:ing|ed|es)?((?: [^ ]+){0,3}?) on\b/g, 'enable$1'],
  [/\b(?:turn|switch)(?:ing|ed|es)?((?: [^ ]+){0,3}?) off\b/g, 'disable$1'],
  [/\bget(?:ting)? rid of\b/g, 'remove'],
  [/\bget(?:ting)? back\b/g, 'recover'],
  [/\bgo about\b/g, 'do'],
  [/\bfind out\b/g, 'find'],
  [/\bsign(?:ing)? up\b/g, 'register'],
  [/\blook(?:ing)? up\b/g, 'find'],
  [/\bset(?:ting)? up\b/g, 'setup'],
];

/** What is said in several words as well as in one is one here. */
function phrasesFolded(words: readonly string[]): readonly string[] {
  return PHRASES.reduce((text, [phrase, word]) => text.replaceAll(phrase, word), words.join(' ')).split(' ');
}
