import { expect, it } from 'vitest';
import { TraceBudget } from './trace-budget.ts';

it('gives so many a second, those of one quiet second at once, and never more', () => {
  const budget = new TraceBudget(4);
  const takenAt = (nowMs: number) => Array.from({ length: 10 }, () => budget.take(nowMs)).filter(Boolean).length;
  expect([0, 0, 250, 500, 60_000, 60_100].map(takenAt)).toEqual([4, 0, 1, 1, 4, 0]);
  expect(takenAt(60_250)).toBe(1);
});
