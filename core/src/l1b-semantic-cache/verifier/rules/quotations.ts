import { setDifferenceOf, type GuardRule } from '../rule.ts';

const QUOTED = /"([^"]+)"|“([^”]+)”|«([^»]+)»|„([^“”]+)[“”]|`([^`]+)`|(?<![\p{L}\p{N}])'([^']+)'(?![\p{L}\p{N}])/gu;

/** What stands in quotes is meant to the letter. */
export const quotations: GuardRule = {
  name: 'quotation',
  difference: (a, b) => setDifferenceOf(quotedIn(a.text), quotedIn(b.text)),
  examples: {
    apart: [
      ['What does "break a leg" mean?', 'What does "break the ice" mean?'],
      ['What does `git pull` do?', 'What does `git push` do?'],
      ["Translate 'cat' into French", "Translate 'dog' into French"],
      ['What does "it" mean?', 'What does it mean?'],
    ],
    alike: [
      ['What does "break a leg" mean?', 'What is the meaning of “break a leg”?'],
      ["What's Bob's dog's name?", "What is Bob's dog called?"],
    ],
  },
};

function quotedIn(text: string): string[] {
  return Array.from(text.matchAll(QUOTED), (match) => match.slice(1).find((group) => group !== undefined) ?? '');
}
