import type { GuardRule } from '../rule.ts';
import { areContrary } from '../related-words.ts';
import { stem } from '../stem.ts';

/** Pairs that mean the contrary, or each the other's counterpart. Words on one side of a bar are alternatives. */
const PAIRS: readonly string[] = [
  'enable activate|disable deactivate',
  'on|off',
  'open|close shut',
  'start begin launch|stop end finish quit',
  'increase raise grow|decrease reduce lower shrink cut',
  'up|down',
  'in inside|out outside',
  'add insert|remove delete subtract drop',
  'install|uninstall',
  'subscribe|unsubscribe',
  'follow|unfollow',
  'lock|unlock',
  'block ban|unblock unban allow',
  'encrypt|decrypt',
  'encode|decode',
  'compress zip|decompress unzip extract',
  'connect|disconnect',
  'attach|detach',
  'mount|unmount',
  'upload|download',
  'upgrade|downgrade',
  'import|export',
  'send|receive',
  'push|pull',
  'buy purchase|sell',
  'borrow|lend',
  'give|take receive',
  'deposit|withdraw',
  'win|lose',
  'gain|lose',
  'arrive|leave depart',
  'enter|exit leave',
  'accept approve|reject decline deny refuse',
  'love like|hate dislike',
  'agree|disagree',
  'remember|forget',
  'hide|show unhide',
  'mute|unmute',
  'create make build|destroy delete break',
  'fix repair|break',
  'login|logout',
  'sign-in|sign-out',
  'join|leave',
  'hire|fire',
  'marry|divorce',
  'live|die',
  'life|death',
  'birth|death',
  'good|bad',
  'best|worst',
  'better|worse',
  'right correct|wrong incorrect',
  'left|right',
  'true|false',
  'safe|dangerous unsafe',
  'legal|illegal',
  'possible|impossible',
  'valid|invalid',
  'hot warm|cold cool',
  'big large|small little tiny',
  'long tall|short',
  'high tall|low',
  'fast quick|slow',
  'early|late',
  'old|young new',
  'new|used',
  'first|last',
  'before|after',
  'next|previous',
  'above over|below under',
  'front|back',
  'top|bottom',
  'north|south',
  'east|west',
  'cheap|expensive',
  'rich|poor',
  'easy simple|hard difficult complex',
  'light|dark heavy',
  'hard|soft',
  'wet|dry',
  'full|empty',
  'clean|dirty',
  'strong|weak',
  'thick|thin',
  'wide|narrow',
  'deep|shallow',
  'heavy|light',
  'public|private',
  'male man men boy|female woman women girl',
  'husband|wife',
  'father dad|mother mom mum',
  'brother|sister',
  'son|daughter',
  'king|queen',
  'boyfriend|girlfriend',
  'employer|employee',
  'teacher|student',
  'doctor|patient',
  'buyer|seller',
  'parent|child',
  'landlord|tenant',
  'client|server',
  'sender|recipient',
  'input|output',
  'maximum max|minimum min',
  'most|least fewest',
  'more|less fewer',
  'many much|few little',
  'all|none some',
  'every|any some no',
  'always|never sometimes',
  'advantage pro benefit|disadvantage con drawback',
  'positive|negative',
  'plus|minus',
  'profit|loss',
  'success|failure',
  'strength|weakness',
  'cause|effect cure',
  'question|answer',
  'problem|solution',
  'synchronous|asynchronous',
  'static|dynamic',
  'online|offline',
  'wired|wireless',
  'import|export',
  'ascending|descending',
  'vertical|horizontal',
  'internal|external',
  'indoor|outdoor',
  'domestic|foreign',
  'day|night',
  'morning|evening',
  'summer|winter',
  'past|future',
  'ancient|modern',
  'alive|dead',
  'single|married',
  'guilty|innocent',
  'major|minor',
  'senior|junior',
  'import|local',
  'temporary|permanent',
  'optional|required mandatory',
  'include|exclude',
  'save|delete spend',
  'freeze|melt thaw',
  'push|pop',
  'merge|split',
  'expand|collapse',
  'rise|fall set',
  'sunrise|sunset',
  'hypo|hyper',
  'with|without',
  'raise|lower',
  'inbound|outbound',
  'bull|bear',
  'gross|net',
  'upper|lower',
  'forward|backward',
  'tighten|loosen',
  'archive|restore',
  'bright|dim',
  'convex|concave',
  'inhale inhalation|exhale exhalation',
  'upstream|downstream',
  'basic|premium',
  'local|national global international',
  'partial|full',
  'adult|child children student',
  'domestic|international wild',
  'temporary temporarily|permanent permanently',
  'running|stopped',
  'inner|outer',
  'average mean|median',
  'part-time|full-time',
  'main|minor',
  'duplicate|empty',
  'business|economy',
  'written|oral',
  'resident|non-resident',
  'outside|inside',
  'praise|criticize criticise',
  'reset|restart',
  'vertical|horizontal',
  'win|lose',
];

interface Sides {
  readonly left: ReadonlySet<string>;
  readonly right: ReadonlySet<string>;
}

const SIDES: readonly Sides[] = PAIRS.map((pair) => {
  const [left = '', right = ''] = pair.split('|');
  return { left: stems(left.split(' ')), right: stems(right.split(' ')) };
});

/** Contrary words, one in each text. */
export const antonyms: GuardRule = {
  name: 'antonym',
  difference(a, b) {
    const [inA, inB] = [stems(a.words), stems(b.words)];
    for (const { left, right } of SIDES) {
      const found = contrary(inA, inB, left, right) ?? contrary(inA, inB, right, left);
      if (found !== undefined) return found;
    }
    return contraryWords(a.words, b.words);
  },
  examples: {
    apart: [
      ['Enable two-factor authentication', 'Disable two-factor authentication'],
      ['How do I turn on the flashlight?', 'How do I turn off the flashlight?'],
      ['How do I open a bank account?', 'How do I close a bank account?'],
      ['Why is the sky dark?', 'Why is the sky light?'],
      ['What are the advantages of solar power?', 'What are the disadvantages of solar power?'],
      ['How to gain weight?', 'How to lose weight?'],
      ['What to eat before a race?', 'What to eat after a race?'],
      ['What is the largest city in Peru?', 'What is the smallest city in Peru?'],
    ],
    alike: [
      ['Enable two-factor authentication', 'Turn on two-factor authentication'],
      ['How do I open and close a file?', 'How are files opened and closed?'],
      ['What are the benefits of tea?', 'What are the advantages of tea?'],
    ],
  },
};

/** The same by a larger table, of words that only one of the texts has. */
function contraryWords(a: readonly string[], b: readonly string[]): string | undefined {
  const [inA, inB] = [new Set(a.map(stem)), new Set(b.map(stem))];
  const onlyB = b.filter((word) => !inA.has(stem(word)));
  for (const word of a) {
    if (inB.has(stem(word))) continue;
    const other = onlyB.find((candidate) => areContrary(word, candidate));
    if (other !== undefined) return `${word} / ${other}`;
  }
  return undefined;
}

/** A word of one side that only the first text has, and one of the other that only the second has. */
function contrary(
  inA: ReadonlySet<string>,
  inB: ReadonlySet<string>,
  left: ReadonlySet<string>,
  right: ReadonlySet<string>,
): string | undefined {
  const hasLeft = [...left].find((word) => inA.has(word));
  const hasRight = [...right].find((word) => inB.has(word));
  if (hasLeft === undefined || hasRight === undefined) return undefined;
  const both = [...right].some((word) => inA.has(word)) && [...left].some((word) => inB.has(word));
  return both ? undefined : `${hasLeft} / ${hasRight}`;
}

/** With the degree of an adjective taken off as well: `largest` is `large`. */
function stems(words: readonly string[]): ReadonlySet<string> {
  return new Set(
    words.flatMap((word) => [stem(word), stem(word.replace(/i?(?:est|er)$/, ''))]).filter((w) => w !== ''),
  );
}
