import { isFunctionWord } from '../function-words.ts';
import type { Reading } from '../reading.ts';
import { areRelated } from '../related-words.ts';
import { contradictionOf, roleFacts } from '../role-facts.ts';
import type { GuardRule } from '../rule.ts';
import { stem } from '../stem.ts';

/** Most words of one of the two parts that change places, and of what stands between them. */
const MAX_PART = 4;
/** Two things joined by one of these are the same the other way round. */
const EVEN: ReadonlySet<string> = new Set(['and', 'or', 'of', 'with']);
/** Words between two others that give each its role. */
const DIRECTED: ReadonlySet<string> = new Set(
  'to from over under into onto after before than instead inside above below against'.split(' '),
);
/** A person is the same whether something is done by or to it. */
const SUBJECT_OF: Readonly<Record<string, string>> = { me: 'i', him: 'he', her: 'she', us: 'we', them: 'they' };
const DROPPED: ReadonlySet<string> = new Set(['a', 'an', 'the', 'do', 'does', 'did', 'my', 'your']);

/** Who does what to whom: two parts of a sentence that change places. */
export const roles: GuardRule = {
  name: 'role',
  difference(a, b) {
    const [inA, inB] = [partsOf(a), partsOf(b)];
    // `HTTP` and `HTTPS` are two things, `pound` and `pounds` are one: what changes places is looked for in either way.
    return exchanged(inA, inB) ?? exchanged(inA.map(stem), inB.map(stem)) ?? turned(inA, inB) ?? contradicted(a, b);
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
      ['How do I redirect HTTP to HTTPS?', 'How do I redirect HTTPS to HTTP?'],
      ['Who trusts Anna?', 'Who does Anna trust?'],
      ['Do owls eat bats?', 'Can bats eat owls?'],
      ['Are wolves hunted by bears?', 'Do wolves hunt bears?'],
      ['Why is the sailor saved by the nurse?', 'Why does the sailor save the nurse?'],
      ['Which fish do birds eat?', 'What fish eat birds?'],
      ['Which shop bought Acme first?', 'Which shop did Acme buy first?'],
      ['What happens when a goat that kicked a farmer runs?', 'What happens if a farmer that kicked a goat runs?'],
      ['What becomes of a judge that a lawyer accused?', 'What happens to a judge who accused a lawyer?'],
      ['What can rust cause?', 'What causes rust?'],
      ['What can cause rust?', 'What does rust cause?'],
      ['Do banks borrow from insurers?', 'Can insurers borrow from banks?'],
      ['What is eaten by frogs?', 'What eats frogs?'],
      ['Which poets are praised by critics?', 'Which poets praise critics?'],
      ['Is A bigger than B?', 'Is B bigger than A?'],
      ['is a bigger than b', 'is b bigger than a'],
      ['Do I need a visa for Japan?', 'Does Japan need a visa for me?'],
      ['Should I call him?', 'Should he call me?'],
      ['How many ounces are in a pound?', 'How many pounds are in an ounce?'],
      ['Does she trust me?', 'Do I trust her?'],
    ],
    alike: [
      ['What is the capital of France?', "What is France's capital?"],
      ['Why choose Python over Java?', 'Why should one choose Python over Java?'],
      ['When I travel, how do I keep a passport safe?', 'How do I keep a passport safe when I travel?'],
      ['How do I turn the heating off?', 'How do I turn off the heating?'],
      ['How do people harvest salt?', 'How is salt harvested?'],
      ['Is tea and milk healthy?', 'Is milk and tea healthy?'],
      ['How do I set an alarm up?', 'How do I set up an alarm?'],
      ['Do owls eat bats?', 'Are bats eaten by owls?'],
      ['Which fish do birds eat?', 'What fish are eaten by birds?'],
      ['What can cause rust?', 'What causes rust?'],
      ['A goat that kicked a farmer', 'A farmer that a goat kicked'],
      ['What does an engine oil change cost?', 'What does it cost to change engine oil?'],
      ['Why the sea is salty', 'Why is the sea salty?'],
      ['How do bees find flowers?', 'How are flowers found by bees?'],
    ],
  },
};

const PARTICLES: ReadonlySet<string> = new Set('on off up down in out back over away'.split(' '));

function partsOf({ words }: Reading): string[] {
  return words.filter((word) => !DROPPED.has(word)).map((word) => SUBJECT_OF[word] ?? word);
}

function contradicted(a: Reading, b: Reading): string | undefined {
  const found = contradictionOf(roleFacts(a.words), roleFacts(b.words), areRelated);
  return found === undefined ? undefined : `${found.subject} / ${found.object}`;
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

/**
 * With nothing between them only two single words are taken for subject and verb; `turn off` may part, and a helping
 * verb goes before its subject where one asks.
 */
function isSubjectMoved(first: readonly string[], second: readonly string[]): boolean {
  const both = [...first, ...second];
  return both.length === 2 && !both.some((word) => PARTICLES.has(word) || isFunctionWord(word));
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
