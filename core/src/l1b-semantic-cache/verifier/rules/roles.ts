import type { Reading } from '../reading.ts';
import type { GuardRule } from '../rule.ts';

/** Most words of one of the two parts that change places, and of what stands between them. */
const MAX_PART = 4;
/** Two things joined by one of these are the same the other way round. */
const EVEN: ReadonlySet<string> = new Set(['and', 'or', 'of', 'with']);
/** Words between two others that give each its role. */
const DIRECTED: ReadonlySet<string> = new Set(
  'to from over under into onto after before than instead inside above below against'.split(' '),
);
const DROPPED: ReadonlySet<string> = new Set(['a', 'an', 'the', 'do', 'does', 'did', 'my', 'your']);

/** Who does what to whom: two parts of a sentence that change places. */
export const roles: GuardRule = {
  name: 'role',
  difference(a, b) {
    const [inA, inB] = [partsOf(a), partsOf(b)];
    return exchanged(inA, inB) ?? turned(inA, inB);
  },
  examples: {
    apart: [
      ['Is there life after death?', 'Is there death after life?'],
      ['Why choose Python over Java?', 'Why choose Java over Python?'],
      ['How do I convert PDF to Word?', 'How do I convert Word to PDF?'],
      ['Flights from Rome to Paris', 'Flights from Paris to Rome'],
      ['Did the dog bite the man?', 'Did the man bite the dog?'],
      ['Is silver heavier than gold?', 'Is gold heavier than silver?'],
      ['Who beat Spain?', 'Who did Spain beat?'],
      ['How can I turn a PDF to a Word file?', 'How do I convert Word to PDF?'],
    ],
    alike: [
      ['What is the capital of France?', "What is France's capital?"],
      ['Why choose Python over Java?', 'Why should one choose Python over Java?'],
      ['When I travel, how do I keep a passport safe?', 'How do I keep a passport safe when I travel?'],
      ['How do I turn the heating off?', 'How do I turn off the heating?'],
      ['How do people harvest salt?', 'How is salt harvested?'],
      ['Is tea and milk healthy?', 'Is milk and tea healthy?'],
      ['How do I set an alarm up?', 'How do I set up an alarm?'],
    ],
  },
};

const PARTICLES: ReadonlySet<string> = new Set('on off up down in out back over away'.split(' '));

function partsOf({ words }: Reading): string[] {
  return words.filter((word) => !DROPPED.has(word));
}

/** The one text is the other with two parts in each other's place. */
function exchanged(a: readonly string[], b: readonly string[]): string | undefined {
  if (a.length !== b.length) return undefined;
  const from = a.findIndex((word, at) => word !== b[at]);
  if (from < 0) return undefined;
  const to = a.findLastIndex((word, at) => word !== b[at]) + 1;
  const [inA, inB] = [a.slice(from, to), b.slice(from, to)];
  for (let x = 1; x <= Math.min(MAX_PART, inA.length - 1); x++) {
    for (let y = 1; y <= Math.min(MAX_PART, inA.length - x); y++) {
      const [first, between, second] = [inA.slice(0, x), inA.slice(x, inA.length - y), inA.slice(inA.length - y)];
      if (between.length > MAX_PART || !areEqual(inB, [...second, ...between, ...first])) continue;
      const isEven = between.length === 0 ? !isSubjectMoved(first, second) : between.every((word) => EVEN.has(word));
      if (!isEven) return `${first.join(' ')} / ${second.join(' ')}`;
    }
  }
  return undefined;
}

/** With nothing between them only two single words are taken for subject and verb; `turn off` may part. */
function isSubjectMoved(first: readonly string[], second: readonly string[]): boolean {
  return first.length === 1 && second.length === 1 && ![...first, ...second].some((word) => PARTICLES.has(word));
}

/** Whatever else they say: in one text a word leads over to another, and in the other text it comes from it. */
function turned(a: readonly string[], b: readonly string[]): string | undefined {
  const inB = new Set(directedIn(b));
  for (const directed of directedIn(a)) {
    const [first = '', by = '', second = ''] = directed.split(' ');
    if (first !== second && inB.has(`${second} ${by} ${first}`)) return `${first} / ${second}`;
  }
  return undefined;
}

function directedIn(words: readonly string[]): string[] {
  return words.flatMap((word, at) => (DIRECTED.has(word) ? [`${words[at - 1]} ${word} ${words[at + 1]}`] : []));
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, at) => word === b[at]);
}
