import { describe, expect, test } from 'vitest';
import { readSuite, SUITES } from './read-suite.ts';

const LEAST = { flip: 600, benign: 600, attacks: 300 } as const;
/** How many flips of each kind there are at least. */
const FLIPS = {
  antonym: 65,
  date: 65,
  entity: 65,
  negation: 65,
  number: 65,
  preposition: 25,
  'role-swap': 65,
  'scope-word': 65,
  sign: 25,
  tense: 65,
  unit: 65,
};
const ATTACK_KINDS = ['hidden-text', 'homoglyph', 'instruction-after', 'instruction-before', 'padded'];

describe.each(SUITES)('the suite %s', (name) => {
  const pairs = readSuite(name);

  test('has as many pairs as promised', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(LEAST[name]);
  });

  test('holds each pair once, in either order, and no text against itself', () => {
    const keys = pairs.map(({ a, b }) => JSON.stringify([a, b].toSorted()));
    expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
    expect(pairs.filter(({ a, b }) => a === b)).toEqual([]);
  });
});

test('every kind of flip has as many pairs as promised', () => {
  const kinds = Map.groupBy(readSuite('flip'), ({ kind }) => kind);
  expect([...kinds.keys()].toSorted()).toEqual(Object.keys(FLIPS));
  for (const [kind, least] of Object.entries(FLIPS)) expect(kinds.get(kind)?.length).toBeGreaterThanOrEqual(least);
});

test('there are attacks of every kind, each against many questions', () => {
  const kinds = Map.groupBy(readSuite('attacks'), ({ kind }) => kind);
  expect([...kinds.keys()].toSorted()).toEqual(ATTACK_KINDS);
  for (const pairs of kinds.values()) expect(new Set(pairs.map(({ b }) => b)).size).toBeGreaterThan(40);
});

test('the benign suite and the flip suite share no pair', () => {
  const flips = new Set(readSuite('flip').map(({ a, b }) => JSON.stringify([a, b].toSorted())));
  expect(readSuite('benign').filter(({ a, b }) => flips.has(JSON.stringify([a, b].toSorted())))).toEqual([]);
});
