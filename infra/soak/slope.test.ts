import { expect, it } from 'vitest';
import { slopePerMinute } from './slope.ts';

it.each([
  ['a line exactly', [1, 3, 5, 7], 2],
  ['a level with noise as nothing', [5, 6, 6, 5], 0],
  ['one point as nothing', [5], 0],
])('tells %s', (_what, values, slope) => {
  expect(slopePerMinute(values.map((value, minutes) => ({ minutes, value })))).toBeCloseTo(slope);
});
