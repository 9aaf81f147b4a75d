import type { Reading } from '../reading.ts';
import { setDifferenceOf, type GuardRule } from '../rule.ts';
import { Vocabulary } from '../vocabulary.ts';

const IRREGULAR = new Vocabulary([
  'worst: worst',
  'worse: worse',
  'most: most',
  'more: more',
  'fastest: fastest quickest',
  'largest: largest biggest',
  'smallest: smallest tiniest',
  'nearest: nearest closest',
  'easiest: easiest simplest',
  'least: least fewest',
  'less: less fewer',
  'further: further farther',
  'furthest: furthest farthest',
  'elder: elder',
  'eldest: eldest',
]);
/** Words that end like a degree and are none. */
const NO_DEGREE =
  /^(?:.*(?:forest|interest|request|contest|protest|invest|suggest|harvest|honest|modest|digest|arrest|manifest|quest|guest|chest|nest|rest|test|west|pest|vest|conquest|earnest|behest|budapest|bucharest|everest|pinterest))$/;
/** Comparatives of plain adjectives; all other words in -er are doers and things. */
const COMPARATIVES: ReadonlySet<string> = new Set(
  'bigger smaller larger taller shorter longer higher lower faster slower older younger newer cheaper richer poorer stronger weaker harder softer easier simpler safer heavier lighter darker brighter hotter colder warmer cooler deeper wider thicker thinner closer nearer earlier later sooner smarter healthier happier cleaner quicker greater fewer'.split(
    ' ',
  ),
);

/** How much of it: comparatives and superlatives. */
export const degrees: GuardRule = {
  name: 'degree',
  difference: (a, b) => setDifferenceOf(degreesOf(a), degreesOf(b)),
  examples: {
    apart: [
      ['What is the largest lake in Africa?', 'What is the deepest lake in Africa?'],
      ['Which phones are more secure?', 'Which phones are most secure?'],
      ['Why is gold heavy?', 'Why is gold heavier?'],
    ],
    alike: [
      ['What is the best way to learn French?', 'What is the best way to study French?'],
      ['What is of interest in Budapest?', 'What are the sights in Budapest?'],
      ['How does a computer work?', 'How do computers work?'],
    ],
  },
};

function degreesOf({ words }: Reading): string[] {
  return words.flatMap((word, at) => {
    // `the best way to` asks for a way.
    if (word === 'best' || /^ways?$|^methods?$/.test(words[at + 1] ?? '')) return [];
    const irregular = IRREGULAR.classOf(word);
    if (irregular !== undefined) return irregular;
    // `To lower a bill` says what to do.
    if (word === 'lower' && /^(?:i|you|to|we|one)$/.test(words[at - 1] ?? '')) return [];
    if (COMPARATIVES.has(word)) return word;
    return word.length > 4 && word.endsWith('est') && !NO_DEGREE.test(word) ? word : [];
  });
}
