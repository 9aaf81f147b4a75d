import { expect, it } from 'vitest';
import { answerText, topicOf } from './answer-text.ts';
import { tokensOf } from './tokens.ts';

it('finds the words that carry a prompt', () => {
  expect(topicOf('How do I reset my password?')).toBe('reset password');
  expect(topicOf('Wie lösche ich mein Konto?')).toBe('wie lösche ich mein konto');
  expect(topicOf('?!')).toBe('this question');
});

it('says the same for the same seed, and something else for another', () => {
  expect(answerText('a', 'Ship to Norway')).toBe(answerText('a', 'Ship to Norway'));
  const texts = Array.from({ length: 20 }, (_, seed) => answerText(String(seed), 'Ship to Norway'));
  expect(new Set(texts).size).toBeGreaterThan(10);
});

it('cuts a text into pieces that join to it again', () => {
  for (const text of ['', 'plain words', '  spaces\n\n and 1234567 digits', 'emoji 👩‍💻 and 漢字, “quotes”']) {
    expect(tokensOf(text).join('')).toBe(text);
  }
});
