import { describe, expect, it } from 'vitest';
import { priceMap } from './price-map-type.ts';

function read(given: unknown) {
  const { data, error } = priceMap().safeParse(given);
  return data ?? error?.issues[0]?.message;
}

describe('the prices of models', () => {
  it('are read from YAML and from JSON text alike, names in lower case', () => {
    const given = { 'My-Model': { input: 1, output: '2.5', cached_input: 0.5, cache_write: 3, cache_write_long: 4 } };
    const read5 = { input: 1, output: 2.5, cachedInput: 0.5, cacheWrite: 3, cacheWriteLong: 4 };
    expect(read(given)).toEqual({ 'my-model': read5 });
    expect(read(JSON.stringify(given))).toEqual({ 'my-model': read5 });
    expect(read({ free: { input: 0, output: 0 } })).toEqual({ free: { input: 0, output: 0 } });
  });

  it.each([
    ['no JSON', '{"a":', 'JSON object'],
    ['a list', '[]', 'JSON object'],
    ['a model without an output price', { m: { input: 1 } }, 'm.output is missing'],
    ['a negative price', { m: { input: -1, output: 1 } }, 'm.input is missing or not usable'],
    ['a price that is none', { m: 3 }, 'm is missing or not usable; write an object'],
    ['a member that is not known', { m: { input: 1, output: 1, cached: 1 } }, 'm has no member cached'],
    ['a name with spaces', { 'a b': { input: 1, output: 1 } }, 'spaces'],
    ['one name twice', { a: { input: 1, output: 1 }, A: { input: 1, output: 1 } }, 'twice'],
  ])('are refused by name: %s', (_what, given, message) => {
    expect(read(given)).toContain(message);
  });
});
