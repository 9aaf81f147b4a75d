import { isFunctionWord } from './function-words.ts';
import { stem } from './stem.ts';

/** Who does what to whom, by stems; `ASKED` stands for what the question asks for. */
export interface RoleFact {
  readonly subject: string;
  readonly verb: string;
  readonly object: string;
}

const ASKED = '?';
/** Most words of a subject and its verb, where what is asked for stands before them. */
const MAX_RUN = 3;
const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));
const ARTICLES = setOf('a an the my your our their his her its');
const DO = setOf('do does did');
const MODAL = setOf('can could will would shall should may might must has have had');
const BE = setOf('is are was were be been being');
const ASKING = setOf('who whom what which');
const RELATIVE = setOf('that which who whom');
const ADVERBS = setOf('not ever always often usually sometimes really actually also');
/** Between a subject and its verb. */
const BETWEEN: ReadonlySet<string> = new Set([...DO, ...MODAL, ...ADVERBS, ...RELATIVE]);
/** Between what is done something to and the participle. */
const BEFORE_PARTICIPLE: ReadonlySet<string> = new Set([...BE, ...MODAL, ...ADVERBS, 'that']);
/** Between a verb and what it is done to. */
const LEADING = setOf('to for from on at against into after');
const PARTICIPLE = /(?:ed|en|n|t)$/;

/**
 * Reads roles off the order of words alone: do-support, passives with `by`, relative clauses, and what is asked for in
 * front of its verb. Nouns that stand side by side come to facts as well; they mean nothing, and hardly ever contradict
 * what another text says.
 */
export function roleFacts(words: readonly string[]): readonly RoleFact[] {
  const order = words.filter((word) => !ARTICLES.has(word));
  return order.flatMap((word, at) => [
    ...activeAt(order, at),
    ...(word === 'by' ? passiveAt(order, at) : []),
    ...(ASKING.has(word) ? askedAt(order, at) : []),
    ...(RELATIVE.has(word) ? relativeAt(order, at) : []),
  ]);
}

/** The first fact of one text that says of two what another text says the other way round. */
export function contradictionOf(
  a: readonly RoleFact[],
  b: readonly RoleFact[],
  isSameVerb: (x: string, y: string) => boolean,
): RoleFact | undefined {
  return a.find(
    ({ subject, verb, object }) =>
      subject !== object &&
      b.some((other) => other.subject === object && other.object === subject && isSameVerb(verb, other.verb)),
  );
}

/** `cats (can) eat (wild) mice`: the verb stands at `at`. */
function activeAt(words: readonly string[], at: number): RoleFact[] {
  const verb = words[at];
  const subject = words[backFrom(words, at - 1, BETWEEN)];
  if (!isThing(verb) || !isThing(subject)) return [];
  const next = LEADING.has(words[at + 1] ?? '') ? at + 2 : at + 1;
  return thingsFrom(words, next).map((object) => fact(subject, verb, object));
}

/** `mice (are) eaten by cats`, `are mice eaten by cats`, `what is eaten by cats`: `by` stands at `at`. */
function passiveAt(words: readonly string[], at: number): RoleFact[] {
  const verb = words[at - 1];
  if (!isThing(verb) || !PARTICIPLE.test(verb)) return [];
  const patient = words[backFrom(words, at - 2, BEFORE_PARTICIPLE)];
  const object = isThing(patient) ? patient : ASKING.has(patient ?? '') ? ASKED : undefined;
  return object === undefined ? [] : thingsFrom(words, at + 1).map((agent) => fact(agent, verb, object));
}

/** `who loves Mary`; `who does Mary love`, `which animals do snakes eat`: the asking word stands at `at`. */
function askedAt(words: readonly string[], at: number): RoleFact[] {
  const [first, second] = [words[at + 1], words[at + 2]];
  if (isThing(first) && isThing(second)) return [fact(ASKED, first, second), ...frontedAt(words, at)];
  return frontedAt(words, at);
}

function frontedAt(words: readonly string[], at: number): RoleFact[] {
  const thing = runFrom(words, at + 1);
  const helper = at + 1 + thing.length;
  const isModal = MODAL.has(words[helper] ?? '');
  if (!isModal && !DO.has(words[helper] ?? '')) return [];
  const run = runFrom(words, helper + 1).slice(0, MAX_RUN);
  // Of three words the first may be of what kind the subject is, or the last how it is done.
  return run.slice(1).flatMap((verb, before) => {
    const subject = run[before] ?? '';
    const asked = fact(subject, verb, thing.at(-1) ?? ASKED);
    // `What can cause rust`, `what can rust cause`: the order does not tell which of the two words is the verb.
    return isModal && thing.length === 0 ? [asked, fact(ASKED, subject, verb)] : [asked];
  });
}

/** `a man that a dog bit`: the relative stands at `at`. */
function relativeAt(words: readonly string[], at: number): RoleFact[] {
  const object = words[at - 1];
  const [subject, verb, ...more] = runFrom(words, at + 1);
  if (!isThing(object) || subject === undefined || verb === undefined || more.length > 0) return [];
  return [fact(subject, verb, object)];
}

/** The object may have a word before it that says of what kind it is. */
function thingsFrom(words: readonly string[], at: number): readonly string[] {
  return runFrom(words, at).slice(0, 2);
}

function runFrom(words: readonly string[], at: number): readonly string[] {
  const end = words.findIndex((word, index) => index >= at && !isThing(word));
  return words.slice(at, end < 0 ? undefined : end);
}

function backFrom(words: readonly string[], at: number, passed: ReadonlySet<string>): number {
  let index = at;
  while (passed.has(words[index] ?? '')) index -= 1;
  return index;
}

function isThing(word: string | undefined): word is string {
  return word !== undefined && !isFunctionWord(word) && !BETWEEN.has(word);
}

function fact(subject: string, verb: string, object: string): RoleFact {
  const [x, y] = [subject, object].map((word) => (word === ASKED ? ASKED : stem(word)));
  return { subject: x ?? '', verb: stem(verb), object: y ?? '' };
}
