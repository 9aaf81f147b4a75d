import { readFileSync } from 'node:fs';
import { EVERYDAY_SYNONYMS } from './everyday-synonyms.ts';
import { stem } from './stem.ts';

type Relation = ReadonlyMap<string, ReadonlySet<string>>;

let tables: { readonly related: Relation; readonly contrary: Relation } | undefined;

/** Whether one word may stand for the other: a synonym in one of its senses, or a form derived from it. */
export function areRelated(a: string, b: string): boolean {
  return relates(load().related, a, b);
}

/** Whether two words say the contrary of each other. */
export function areContrary(a: string, b: string): boolean {
  return relates(load().contrary, a, b);
}

/** Whether a word, in any of its forms, is one of the English words of the tables. */
export function isKnownWord(word: string): boolean {
  const { related, contrary } = load();
  return related.has(stem(word)) || contrary.has(stem(word));
}

function relates(relation: Relation, a: string, b: string): boolean {
  const [stemA, stemB] = [stem(a), stem(b)];
  return stemA === stemB || relation.get(stemA)?.has(stemB) === true;
}

/** Read when first asked for: the tables are files beside the models. */
function load() {
  tables ??= { related: relationOf('related', EVERYDAY_SYNONYMS), contrary: relationOf('contrary', []) };
  return tables;
}

function relationOf(name: 'related' | 'contrary', groups: readonly string[]): Relation {
  const text = readFileSync(new URL(`../../../models/wordnet/${name}.txt`, import.meta.url), 'utf8');
  const relation = new Map<string, Set<string>>();
  const put = (a: string, b: string): void => {
    if (a !== b) relation.set(a, (relation.get(a) ?? new Set()).add(b));
  };
  for (const line of text.split('\n')) {
    const [word = '', ...others] = line.split(' ').map(stem);
    for (const other of others) put(word, other);
  }
  for (const group of groups) {
    const words = group.split(' ').map(stem);
    for (const a of words) for (const b of words) put(a, b);
  }
  return relation;
}
