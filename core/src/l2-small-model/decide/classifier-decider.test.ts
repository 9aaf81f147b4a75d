import { expect, test } from 'vitest';
import { contextOf } from '../../../test/support/chat-context.ts';
import { ClassifierDecider } from './classifier-decider.ts';
import { readRoutingHead } from './routing-head.ts';

const head = readRoutingHead();
const decide = (content: string, threshold = 0.5, before: readonly string[] = []) =>
  new ClassifierDecider(head, threshold).decide(
    contextOf({ messages: [...before, content].map((text) => ({ role: 'user', content: text })) }),
  );

const EASY = 'Which planet is known as the red planet?';
const HARD = 'Calculate 3x^2 + 17 = 29 mod 31, and compute the value of f(12) = 4, 5, 6, 7, 8 / 19 + 22 * 31.';

test('holds a sum for harder than a question of common knowledge', async () => {
  const [easy, hard] = [await decide(EASY), await decide(HARD)];
  expect(easy?.probability).toBeGreaterThan(0.5);
  expect(easy?.probability).toBeGreaterThan((hard?.probability ?? 1) + 0.1);
  expect(hard?.probability).toBeGreaterThan(0);
});

test('answers from the threshold on', async () => {
  const { probability = 0 } = (await decide(EASY)) ?? {};
  expect(await decide(EASY, probability)).toEqual({ answers: true, probability });
  expect(await decide(EASY, probability + 0.001)).toEqual({ answers: false, probability });
});

test('does not guess about what it was not trained on: further turns, other scripts', async () => {
  expect(await decide(EASY, 0, ['Hello'])).toBeUndefined();
  expect(await decide('哪颗行星被称为红色星球？', 0)).toBeUndefined();
  expect(await decide('Какую планету называют красной?', 0)).toBeUndefined();
});

test('an empty text and a very long one are no fault', async () => {
  for (const text of ['', '7'.repeat(500_000), '\n'.repeat(100_000)]) {
    const { probability = Number.NaN } = (await decide(text)) ?? {};
    expect(probability).toBeGreaterThan(0);
    expect(probability).toBeLessThan(1);
  }
});
