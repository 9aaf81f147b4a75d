import type { JsonObject } from '@isartor/shared';
import { expect, test } from 'vitest';
import { labelProbability } from './label-probability.ts';

const answer = (...top: readonly (readonly [string, number])[]): JsonObject => ({
  choices: [
    {
      logprobs: { content: [{ token: 'A', top_logprobs: top.map(([token, p]) => ({ token, logprob: Math.log(p) })) }] },
    },
  ],
});
const AB = ['A', 'B'] as const;

test.each([
  [
    'both letters of the whole vocabulary are weighed against each other',
    answer(['"', 0.5], ['A', 0.3], ['B', 0.1]),
    0.75,
  ],
  ['those after a constraint', answer(['A', 0.9], ['B', 0.1]), 0.9],
  [
    'a letter with and without the space that tokenizers put before it',
    answer(['A', 0.1], ['▁A', 0.2], [' B', 0.1]),
    0.75,
  ],
  ['one that is not listed counts as the least likely', answer(['A', 0.6], ['x', 0.2]), 0.75],
  ['the second alone', answer(['B', 0.6], ['x', 0.2]), 0.25],
])('%s', (_, body, expected) => {
  expect(labelProbability(body, AB)).toBeCloseTo(expected, 10);
});

test.each<[string, JsonObject]>([
  ['neither letter is listed', answer(['x', 0.5])],
  ['there are no log probabilities', { choices: [{ message: { content: 'A' }, logprobs: null }] }],
  ['it is no chat answer', { error: { message: 'x' } }],
])('says nothing where %s', (_, body) => {
  expect(labelProbability(body, AB)).toBeUndefined();
});
