import { expect, test } from 'vitest';
import { chooseModel } from './choose-model.ts';

const a = { name: 'a', contextTokens: 1 };
const b = { name: 'b', contextTokens: undefined };

test('the configured name is asked where it is served', () => {
  expect(chooseModel('b', [a, b])).toEqual({ kind: 'configured', model: b });
});

test('the only one served stands in for a name that is not, and for none', () => {
  expect(chooseModel('gemma', [a])).toEqual({ kind: 'fallback', model: a });
  expect(chooseModel(undefined, [a])).toEqual({ kind: 'only', model: a });
});

test('among several, or none, nothing is guessed', () => {
  expect(chooseModel('gemma', [a, b])).toEqual({ kind: 'unclear', served: ['a', 'b'] });
  expect(chooseModel(undefined, [a, b])).toEqual({ kind: 'unclear', served: ['a', 'b'] });
  expect(chooseModel('gemma', [])).toEqual({ kind: 'unclear', served: [] });
});
