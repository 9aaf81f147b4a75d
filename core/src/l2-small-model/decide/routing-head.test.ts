import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROMPT_FEATURES } from './prompt-features.ts';
import { probabilityOf, readRoutingHead, type RoutingHead } from './routing-head.ts';

const zeros = PROMPT_FEATURES.map(() => 0);
const head: RoutingHead = {
  version: 1,
  features: [...PROMPT_FEATURES],
  mean: zeros,
  deviation: zeros.map((_, at) => (at < 2 ? 2 : 0)),
  weights: zeros.map((_, at) => (at < 2 ? at + 1 : 0)),
  bias: 0.5,
  calibration: { slope: 2, shift: -1 },
};
const features = (first: number, second: number, third = 0): readonly number[] => [
  first,
  second,
  third,
  ...zeros.slice(3),
];

test('adds what each feature weighs, bounded, and calibrates the sum', () => {
  expect(probabilityOf(head, features(0, 0))).toBeCloseTo(0.5, 10);
  // 0.5 + 1 · 1 + 2 · -0.5
  expect(probabilityOf(head, features(2, -1))).toBeCloseTo(0.5, 10);
  // 0.5 + 3: no further than three deviations.
  expect(probabilityOf(head, features(1e9, 0))).toBeCloseTo(1 / (1 + Math.exp(-6)), 10);
});

test('is silent where a feature differs that never did in training', () => {
  expect(probabilityOf(head, features(0, 0, 1))).toBeUndefined();
});

test.each([
  ['that is not there', undefined, /missing, or not JSON/],
  ['that is not JSON', '{', /missing, or not JSON/],
  ['of other features', JSON.stringify({ ...head, features: head.features.toReversed() }), /other features/],
  ['with a weight too few', JSON.stringify({ ...head, weights: [1] }), /a weight for each feature/],
])('refuses a file %s', (_, text, message) => {
  const file = join(mkdtempSync(join(tmpdir(), 'isartor-head-')), 'head.json');
  if (text !== undefined) writeFileSync(file, text);
  expect(() => readRoutingHead(file)).toThrow(message);
});

test('what ships can be read, and is no longer than it need be', () => {
  const file = new URL('../../../models/routing/head.json', import.meta.url);
  expect(readFileSync(file).byteLength).toBeLessThan(4_096);
  expect(readRoutingHead().features).toEqual(PROMPT_FEATURES);
});
