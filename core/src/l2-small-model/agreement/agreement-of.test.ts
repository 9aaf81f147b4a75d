import { expect, test } from 'vitest';
import { agreementOf } from './agreement-of.ts';

const LONG = 'The capital of Austria is Vienna, a city on the Danube.';

test.each([
  ['same', 'B', ' b.\n'],
  ['same', LONG, LONG.toUpperCase().replaceAll(' ', '  ')],
  ['same', 'Ça va', 'C\u0327a va'],
  ['different', 'A', 'B'],
  ['different', '42', '43'],
  ['different', '-', 'B'],
  ['different', 'Vienna', LONG],
  ['alike', LONG, 'Vienna is the capital of Austria and lies on the Danube.'],
  ['different', LONG, 'Bread is made of flour, water, salt and yeast, and baked.'],
  ['different', LONG, 'the the the the the the the the the the the'],
])('%s: %s / %s', (expected, a, b) => {
  expect(agreementOf(a, b)).toBe(expected);
  expect(agreementOf(b, a)).toBe(expected);
});
