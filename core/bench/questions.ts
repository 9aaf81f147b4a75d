const VERBS = [
  'clean',
  'repair',
  'choose',
  'store',
  'measure',
  'paint',
  'move',
  'cut',
  'build',
  'replace',
  'draw',
  'weigh',
];
const THINGS = [
  'table',
  'window',
  'bicycle',
  'garden',
  'kettle',
  'violin',
  'carpet',
  'lamp',
  'engine',
  'roof',
  'fence',
  'boat',
];
const PARTS = [
  'edge',
  'handle',
  'surface',
  'frame',
  'joint',
  'cover',
  'spring',
  'corner',
  'base',
  'lock',
  'rope',
  'screw',
];
const PLACES = [
  'kitchen',
  'workshop',
  'school',
  'harbour',
  'theatre',
  'cellar',
  'library',
  'village',
  'forest',
  'market',
];
const MEANS = ['sand', 'soap', 'paper', 'wire', 'chalk', 'oil', 'steam', 'glue', 'wool', 'wax'];

/** The n-th of 172 800 different questions, as people ask them. */
export function question(n: number): string {
  let rest = n;
  const pick = (words: readonly string[]): string => {
    const word = words[rest % words.length] ?? '';
    rest = Math.floor(rest / words.length);
    return word;
  };
  return `How do I ${pick(VERBS)} the ${pick(PARTS)} of a ${pick(THINGS)} with ${pick(MEANS)} in a ${pick(PLACES)}?`;
}
