import { describe, expect, test } from 'vitest';
import { figuresAt, figuresAtRecall, precisionIntervals, thresholdAtRecall, upperBound } from './measures.ts';

const PAIRS = [
  { score: 0.9, same: true },
  { score: 0.8, same: false },
  { score: 0.7, same: true },
  { score: 0.6, same: false },
  { score: Number.NEGATIVE_INFINITY, same: true },
  { score: Number.NEGATIVE_INFINITY, same: true },
];

describe('figures', () => {
  test('at a threshold count what hits, right and wrong', () => {
    const figures = figuresAt(PAIRS, 0.7);
    expect(figures.hits).toBe(3);
    expect(figures.precision).toBeCloseTo(2 / 3, 12);
    expect(figures.falseHits).toBeCloseTo(1 / 3, 12);
    expect(figures.recall).toBe(0.5);
  });

  test('at a recall stand at the highest threshold that reaches it', () => {
    expect(thresholdAtRecall(PAIRS, 0.25)).toBe(0.9);
    expect(thresholdAtRecall(PAIRS, 0.5)).toBe(0.7);
    expect(figuresAtRecall(PAIRS, 0.5)?.hits).toBe(3);
  });

  test('do not exist at a recall that only pairs which never hit would give', () => {
    expect(thresholdAtRecall(PAIRS, 0.75)).toBeUndefined();
  });
});

test('an interval holds the value and is the same in every run', () => {
  const many = Array.from({ length: 400 }, (_one, at) => ({ score: 1 - at / 400, same: at % 4 !== 0 }));
  const [interval, none] = precisionIntervals(many, [0.5, 1.1]);
  expect(interval).toEqual(precisionIntervals(many, [0.5])[0]);
  expect(none).toBeUndefined();
  expect(interval?.low).toBeLessThan(0.75);
  expect(interval?.high).toBeGreaterThan(0.75);
});

test.each([
  [0, 300, 0.0089],
  [6, 300, 0.0386],
  [0, 0, 1],
])('of %d wrong in %d at most %d are wrong', (wrong, all, bound) => {
  expect(upperBound(wrong, all)).toBeCloseTo(bound, 3);
});
