import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { isEnglish } from '../../src/l1b-semantic-cache/is-english.ts';
import { readSuite } from './read-suite.ts';

const QUESTION = z.strictObject({ kind: z.string().min(1), text: z.string().min(1) });
const FILE = new URL('other-languages.jsonl', import.meta.url);

test('no question of another language is taken for English', () => {
  const questions = readFileSync(FILE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => QUESTION.parse(JSON.parse(line)));
  expect(questions.length).toBeGreaterThan(150);
  expect(questions.filter(({ text }) => isEnglish(text))).toEqual([]);
});

test('hardly any question of the other suites is taken for another language', () => {
  const texts = (['flip', 'benign'] as const).flatMap((name) => readSuite(name).flatMap(({ a, b }) => [a, b]));
  const taken = texts.filter((text) => !isEnglish(text));
  expect(taken.length / texts.length).toBeLessThan(0.005);
});
