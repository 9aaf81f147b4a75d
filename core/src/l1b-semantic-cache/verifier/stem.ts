/** Forms that no ending tells: the first word of a row stands for all. */
const IRREGULAR: ReadonlyMap<string, string> = new Map(
  [
    'make made',
    'write wrote written',
    'build built',
    'grow grew grown',
    'speak spoke spoken',
    'choose chose chosen',
    'eat ate eaten',
    'buy bought',
    'sell sold',
    'find found',
    'get got gotten',
    'give gave given',
    'take took taken',
    'come came',
    'go went gone',
    'see saw seen',
    'know knew known',
    'think thought',
    'say said',
    'tell told',
    'hold held',
    'keep kept',
    'leave left',
    'lose lost',
    'pay paid',
    'send sent',
    'spend spent',
    'teach taught',
    'win won',
    'break broke broken',
    'steal stole stolen',
    'forget forgot forgotten',
    'begin began begun',
    'sing sang sung',
    'fly flew flown',
    'draw drew drawn',
    'drive drove driven',
    'fall fell fallen',
    'feel felt',
    'fight fought',
    'freeze froze frozen',
    'hear heard',
    'hide hid hidden',
    'lead led',
    'learn learnt',
    'meet met',
    'ride rode ridden',
    'rise rose risen',
    'run ran',
    'shake shook shaken',
    'shoot shot',
    'sleep slept',
    'stand stood',
    'swim swam swum',
    'throw threw thrown',
    'wake woke woken',
    'wear wore worn',
    'bring brought',
    'catch caught',
    'dream dreamt',
    'burn burnt',
    'spell spelt',
    'bear born',
    'bite bitten',
    'beat beaten',
    'feed fed',
    'man men',
    'woman women',
    'child children kid kids',
    'person people',
    'foot feet',
    'tooth teeth',
    'mouse mice',
    'goose geese',
    'life lives',
    'wife wives',
    'knife knives',
    'leaf leaves',
    'hour hr hrs',
    'minute mins',
    'die dying',
    'lie lying',
  ].flatMap((row) => {
    const [base = '', ...forms] = row.split(' ');
    return forms.map((form) => [form, base] as const);
  }),
);

/**
 * A rough English stem: enough to see that `running` and `runs` are one word. Two words of one stem may still differ
 * (`new`, `news`); the rules that use it look for what is missing, so a wrong stem costs at most what cosine lets pass.
 */
export function stem(word: string): string {
  const known = KNOWN.get(word);
  if (known !== undefined) return known;
  if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
  const stemmed = stemOf(word);
  KNOWN.set(word, stemmed);
  return stemmed;
}

/** Every rule asks for the stems of the same few words. */
const KNOWN = new Map<string, string>();
const MAX_KNOWN = 4_096;

function stemOf(word: string): string {
  let stemmed = IRREGULAR.get(word) ?? word;
  if (stemmed.length > 4 && stemmed.endsWith('ies')) stemmed = `${stemmed.slice(0, -3)}y`;
  else if (stemmed.length > 4 && /(?:s|x|z|ch|sh)es$/.test(stemmed)) stemmed = stemmed.slice(0, -2);
  else if (stemmed.length > 3 && /[^su]s$/.test(stemmed)) stemmed = stemmed.slice(0, -1);
  if (stemmed.length > 5 && stemmed.endsWith('ing')) stemmed = undoubled(stemmed.slice(0, -3));
  else if (stemmed.length > 4 && stemmed.endsWith('ed')) stemmed = undoubled(stemmed.slice(0, -2));
  if (stemmed.length > 3) stemmed = stemmed.replace(/(?:ie|y)$/, 'i');
  return stemmed.length > 3 && stemmed.endsWith('e') ? stemmed.slice(0, -1) : stemmed;
}

function undoubled(word: string): string {
  return /([bdgmnprt])\1$/.test(word) ? word.slice(0, -1) : word;
}
