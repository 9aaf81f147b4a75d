import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { probabilityOf, readHead } from './head.ts';
import { PAIR_FEATURES } from './pair-features.ts';

const HEAD = {
  version: 1,
  features: [...PAIR_FEATURES],
  trees: [
    { feature: [0, 1], threshold: [0.5, 0.7], left: [-1, -2], right: [1, -3], leaf: [-2, 0, 2] },
    { feature: [], threshold: [], left: [], right: [], leaf: [0.5] },
  ],
  calibration: { slope: 2, shift: -1 },
};

function headOf(json: unknown) {
  const file = join(mkdtempSync(join(tmpdir(), 'isartor-head-')), 'head.json');
  writeFileSync(file, JSON.stringify(json));
  return readHead(file);
}

describe('a head', () => {
  test.each([
    [[0.5, 1], -2],
    [[0.6, 0.7], 0],
    [[0.6, 0.8], 2],
  ])('sums the leaves that the features %j lead to', (features, leaf) => {
    expect(probabilityOf(headOf(HEAD), features)).toBeCloseTo(1 / (1 + Math.exp(-(2 * (leaf + 0.5) - 1))), 12);
  });

  test('is refused when it was trained on other features', () => {
    expect(() => headOf({ ...HEAD, features: ['cosine'] })).toThrow(/other features/);
  });

  test.each([{ ...HEAD, trees: [] }, { ...HEAD, calibration: { slope: -1, shift: 0 } }, {}])(
    'is refused when it is %j',
    (json) => {
      expect(() => headOf(json)).toThrow(/head\.json/);
    },
  );
});
