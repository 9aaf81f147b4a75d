import { expect, test } from 'vitest';
import { Confidence } from './confidence.ts';

const confidence = (least: number, ...logprobs: readonly number[]): Confidence => {
  const made = new Confidence(least);
  for (const logprob of logprobs) made.add([logprob]);
  return made;
};

test('is the geometric mean of the tokens’ probabilities', () => {
  expect(confidence(0, Math.log(0.9), Math.log(0.4)).value).toBeCloseTo(Math.sqrt(0.9 * 0.4), 12);
  expect(confidence(0, 0, 0).value).toBe(1);
  // What OpenAI's API says of a token that could hardly be.
  expect(confidence(0, -9999).value).toBe(0);
});

test('is too low below the bound, and where it is not known while there is one', () => {
  expect(confidence(0.5, Math.log(0.5)).isTooLow).toBe(false);
  expect(confidence(0.5, Math.log(0.49)).isTooLow).toBe(true);
  expect(confidence(0.5).isTooLow).toBe(true);
  expect(confidence(0).isTooLow).toBe(false);
  expect(confidence(0, -9999).isTooLow).toBe(false);
});
