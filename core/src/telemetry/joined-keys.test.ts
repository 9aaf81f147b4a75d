import { expect, it } from 'vitest';
import { JoinedKeys } from './joined-keys.ts';

it('gives one key to each combination, and the same one again', () => {
  const keys = new JoinedKeys();
  const combinations = [
    ['l1a', 'hit'],
    ['l1a', 'miss'],
    ['l1b', 'hit'],
    ['l1a', 'hit', 'x'],
    ['l1a', 'hit', 'x', '200'],
  ] as const;
  const given = combinations.map(([a, b, ...more]) => keys.of(a, b, ...more));
  expect(new Set(given).size).toBe(combinations.length);
  expect(combinations.map(([a, b, ...more]) => keys.of(a, b, ...more))).toEqual(given);
});
