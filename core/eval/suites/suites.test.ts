import { describe, expect, test } from 'vitest';
import { readSuite, SUITES } from './read-suite.ts';

const LEAST = { flip: 600, benign: 600, attacks: 300 } as const;
const FLIP_KINDS = ['antonym', 'date', 'entity', 'negation', 'number', 'role-swap', 'scope-word', 'tense', 'unit'];
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

test('every kind of flip has at least 65 pairs', () => {
  const kinds = Map.groupBy(readSuite('flip'), ({ kind }) => kind);
  expect([...kinds.keys()].toSorted()).toEqual(FLIP_KINDS);
  expect([...kinds].filter(([, pairs]) => pairs.length < 65).map(([kind]) => kind)).toEqual([]);
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
