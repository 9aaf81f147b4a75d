import { expect, test } from 'vitest';
import { suggestName } from './suggest-name.ts';

test.each([
  ['cache_mdoe', 'cache_mode'],
  ['CACHE_MODE', 'cache_mode'],
  ['cachemode', 'cache_mode'],
  ['log', 'logs'],
  ['weather', undefined],
  ['', undefined],
])('for %o: %s', (name, meant) => {
  expect(suggestName(name, ['cache_mode', 'log_level', 'logs'])).toBe(meant);
});
