import { seeded } from './seeded.ts';

const COMMON = new Set(
  `a about after all am an and any are as at be been but by can could did do does for from get give had has have help hi how i if
in into is it its just like me my need new not of on one or our out please should so some tell that the their them then there
these they this to up us want was we were what when where which who why will with would you your`.split(/\s+/),
);

const OPENINGS = [
  'This is a stand-in answer from Isartor’s local model server; no paid model was asked.',
  'A stand-in is speaking here: Isartor’s local model server, not a paid model.',
  'You are reading a stand-in answer, made up locally by Isartor’s model server.',
];
const MIDDLES = [
  'A real model would now explain {topic} step by step.',
  'About {topic}: a real model would weigh the options and name the usual pitfalls.',
  'It would first ask what you have tried already for {topic}.',
  'It would point out that {topic} is best checked on a small example first.',
  'It would add where the documentation covers {topic}.',
  'For {topic} it would probably offer a short list and one example.',
];
const ENDINGS = [
  'Set ISARTOR__EXTERNAL_LLM_API_KEY to hear from one.',
  'With ISARTOR__EXTERNAL_LLM_API_KEY set, the same request goes to one.',
  'The same request always gets these same words.',
];

/** The words that carry a prompt: its first six that are not mere grammar, in their order. */
export function topicOf(prompt: string): string {
  const words = prompt.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'’._-]*/gu) ?? [];
  const topic = [...new Set(words.map((word) => word.replace(/['’._-]+$/u, '')))].filter(
    (word) => word.length > 1 && !COMMON.has(word),
  );
  return topic.slice(0, 6).join(' ') || 'this question';
}

/** Some thirty to sixty words on the prompt's topic; the same seed and prompt give the same text. */
export function answerText(seed: string, prompt: string): string {
  const from = seeded(seed);
  const topic = topicOf(prompt);
  const first = from.below(MIDDLES.length);
  const count = 1 + from.below(3);
  const middles = Array.from({ length: count }, (_, index) => MIDDLES[(first + index) % MIDDLES.length] ?? '');
  return [from.pick(OPENINGS) ?? '', ...middles, from.pick(ENDINGS) ?? ''].join(' ').replaceAll('{topic}', topic);
}
