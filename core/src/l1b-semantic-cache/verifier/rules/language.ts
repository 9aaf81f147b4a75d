import type { Reading } from '../reading.ts';
import type { GuardRule } from '../rule.ts';

/** Words that are frequent in one language, and hardly found in the others. */
const MARKERS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: new Set('the is are what how why does do of and to which where when can should i my with for'.split(' ')),
  de: new Set('der die das und ist wie was warum ich nicht ein eine für mit wo wann kann sind von zu'.split(' ')),
  fr: new Set('le la les est que qui comment pourquoi des une un je pour dans avec quel quelle où et'.split(' ')),
  es: new Set('el los las es que cómo por qué cuál una un para con dónde cuándo y del en puedo'.split(' ')),
  it: new Set('il lo gli è che come perché quale una un per con dove quando di sono posso della'.split(' ')),
  pt: new Set('o os as é que como por quê qual uma um para com onde quando e do da posso'.split(' ')),
  nl: new Set('de het een is wat hoe waarom ik niet en van met waar wanneer kan zijn voor'.split(' ')),
};
/** Languages that ask to answer in another one than they are written in. */
const NAMED =
  /\b(?:english|german|french|spanish|italian|portuguese|dutch|russian|chinese|mandarin|japanese|korean|arabic|hindi|latin|greek|turkish|polish|swedish)\b/gi;
const SCRIPT =
  /\p{Script=Latin}|(\p{Script=Cyrillic})|(\p{Script=Greek})|(\p{Script=Arabic})|(\p{Script=Hebrew})|(\p{Script=Han})/u;

/** The language that a text is written in, and the languages that it names. */
export const language: GuardRule = {
  name: 'language',
  difference(a, b) {
    const [inA, inB] = [languagesOf(a), languagesOf(b)];
    return inA === inB ? undefined : `${inA} / ${inB}`;
  },
  examples: {
    apart: [
      ['What is the capital of France?', 'Was ist die Hauptstadt von Frankreich?'],
      ['What is the capital of France?', 'Quelle est la capitale de la France ?'],
      ['How do I say cat in french', 'How do I say cat in spanish'],
      ['What is love?', 'What is love? Answer in German.'],
    ],
    alike: [
      ['What is the capital of France?', 'Tell me the capital of France'],
      ['How do I say cat in French?', 'How can I say cat in french?'],
      ['password reset', 'reset the password'],
    ],
  },
};

function languagesOf({ words, text }: Reading): string {
  const scores = Object.entries(MARKERS).map(
    ([name, markers]) => [name, words.filter((word) => markers.has(word)).length] as const,
  );
  const english = scores.find(([name]) => name === 'en')?.[1] ?? 0;
  const [best, score] = scores.toSorted(([, a], [, b]) => b - a)[0] ?? ['en', 0];
  // Without a clear sign the text counts as English, so that a phrase of two words has a language.
  const written = score >= 2 && score > english ? best : 'en';
  const script = SCRIPT.exec(text)?.slice(1).findIndex(Boolean) ?? -1;
  const named = Array.from(text.matchAll(NAMED), ([name]) => name.toLowerCase()).toSorted();
  return [written, script, ...named].join(' ');
}
