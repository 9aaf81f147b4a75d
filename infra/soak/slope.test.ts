import { expect, it } from 'vitest';
import { slopePerMinute, valleys } from './slope.ts';

it.each([
  ['a line exactly', [1, 3, 5, 7], 2],
  ['a level with noise as nothing', [5, 6, 6, 5], 0],
  ['one point as nothing', [5], 0],
])('tells %s', (_what, values, slope) => {
  expect(slopePerMinute(values.map((value, minutes) => ({ minutes, value })))).toBeCloseTo(slope);
});

const saw = (leak: number) =>
  Array.from({ length: 26 }, (_, minutes) => ({ minutes, value: 70 + (minutes % 5) * 3 + leak * minutes }));

it.each([
  ['nothing where all is collected', 0, 0.4],
  ['what is kept under the saw', 2, 2.4],
])('tells %s', (_what, leak, most) => {
  const slope = slopePerMinute(valleys(saw(leak), 4));
  expect(slope).toBeGreaterThanOrEqual(leak - 0.4);
  expect(slope).toBeLessThanOrEqual(most);
});

it('leaves out what makes no whole row', () => {
  const points = [3, 1, 2, 9, 0].map((value, minutes) => ({ minutes, value }));
  expect(valleys(points, 2)).toEqual([
    { minutes: 1, value: 1 },
    { minutes: 2, value: 2 },
  ]);
});
