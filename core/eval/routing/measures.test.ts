import { describe, expect, test } from 'vitest';
import { calibrated, crossFitted } from './cross-fit.ts';
import { fitLogistic, logitOf } from './fit-logistic.ts';
import { calibrationError, curveOf, figuresOf, intervalsOf, type Judged } from './measures.ts';
import { mulberry32 } from '../measures.ts';

/** Prompts that the large model always has right, and the small one where it is 1. */
const judged = (small: readonly number[], probability: (at: number) => number): readonly Judged[] =>
  small.map((right, at) => ({
    subject: `s${at % 4}`,
    smallIsRight: right === 1,
    largeIsRight: true,
    probability: probability(at),
  }));
const HALF = Array.from({ length: 100 }, (_, at) => at % 2);

describe('figures of an order', () => {
  test('that knows which prompts the small model has right', () => {
    const { apgr, largeShareFor95 } = figuresOf(judged(HALF, (at) => HALF[at] ?? 0));
    // All of the gap is closed at half of the calls: the mean of a ramp and of 1.
    expect(apgr).toBeCloseTo(0.75, 1);
    expect(largeShareFor95).toBeCloseTo(0.45, 10);
  });

  test('that is exactly wrong', () => {
    const { apgr, largeShareFor95 } = figuresOf(judged(HALF, (at) => -(HALF[at] ?? 0)));
    expect(apgr).toBeCloseTo(0.25, 1);
    expect(largeShareFor95).toBeCloseTo(0.95, 10);
  });

  test('by chance, which is in the middle, and its interval says so', () => {
    const random = mulberry32(1);
    const by = judged(
      Array.from({ length: 4_000 }, () => Math.round(random())),
      () => random(),
    );
    expect(figuresOf(by).apgr).toBeCloseTo(0.5, 1);
    const { apgr } = intervalsOf(by);
    expect(apgr.low).toBeLessThan(0.5);
    expect(apgr.high).toBeGreaterThan(0.5);
    expect(curveOf(by).map(({ largeShare }) => largeShare)).toHaveLength(21);
  });

  test('the error of probabilities that are right, and of some that are too sure', () => {
    expect(calibrationError(judged(HALF, () => 0.5))).toBeCloseTo(0, 10);
    expect(calibrationError(judged(HALF, () => 0.9))).toBeCloseTo(0.4, 10);
  });
});

describe('a head', () => {
  const random = mulberry32(2);
  const rows = Array.from({ length: 2_000 }, () => Float64Array.of(4 * random() - 2, 100 * random(), 7));
  const labels = rows.map(([x = 0]) => random() < 1 / (1 + Math.exp(-2 * x - 1)));

  test('finds the weights that made the labels, on whatever scale', () => {
    const head = fitLogistic({ rows, labels }, 1);
    const slope = logitOf(head, Float64Array.of(1, 50, 7)) - logitOf(head, Float64Array.of(0, 50, 7));
    expect(slope).toBeGreaterThan(1.7);
    expect(slope).toBeLessThan(2.3);
    expect(Math.abs(head.weights[1] ?? 1)).toBeLessThan(0.15);
    expect(head.weights[2]).toBe(0);
  });

  test('is calibrated by what it says of subjects that it has not seen', () => {
    const examples = rows.map((row, at) => ({ subject: `s${at % 20}`, row, label: labels[at] ?? false }));
    const logits = crossFitted(examples);
    const { slope, shift } = calibrated(
      logits.map((logit) => 3 * logit + 2),
      labels,
    );
    expect(3 * slope).toBeCloseTo(1, 0);
    expect(2 * slope + shift).toBeCloseTo(0, 0);
  });
});
