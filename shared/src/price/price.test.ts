import { describe, expect, test } from 'vitest';
import { costOf, formatCost, nanoUsd, pricedAs, PriceList, priceOf, PRICES, PRICES_AS_OF } from './price.ts';

describe('prices', () => {
  test.each([
    ['gpt-4o', 'gpt-4o'],
    ['gpt-4o-2024-08-06', 'gpt-4o'],
    ['gpt-4o-2024-05-13', 'gpt-4o-2024-05-13'],
    ['gpt-4o-mini-2024-07-18', 'gpt-4o-mini'],
    ['openai/gpt-4o-mini', 'gpt-4o-mini'],
    ['GPT-4o-Mini', 'gpt-4o-mini'],
    ['gpt-4.1-nano-2025-04-14', 'gpt-4.1-nano'],
    ['gpt-4-0613', 'gpt-4'],
    ['gpt-4-1106-preview', 'gpt-4-1106'],
    ['gpt-3.5-turbo-instruct:20230824-v2', 'gpt-3.5-turbo-instruct'],
    ['mistral-small-latest', 'mistral-small'],
    ['isartor-standin', 'isartor-standin'],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['claude-3-5-haiku-latest', 'claude-3-5-haiku'],
    ['claude-opus-4-1-20250805', 'claude-opus-4-1'],
    ['claude-opus-4-1@20250805', 'claude-opus-4-1'],
    ['anthropic.claude-opus-4-1-20250805-v1:0', 'claude-opus-4-1'],
    ['us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude-sonnet-4-5'],
  ])('%s has the price of %s', (model, row) => {
    expect(PRICES[row]).toBeDefined();
    expect(priceOf(model)).toBe(PRICES[row]);
  });

  test.each([
    '',
    'gpt',
    'gpt-4o-audio-preview',
    'gpt-4omni',
    'o1-pro',
    'claude-opus-4-9',
    'my-own-model',
    'my.gpt-4o',
    'anthropic.gpt',
    'constructor',
    '__proto__',
  ])('%j has none', (model) => {
    expect(priceOf(model)).toBeUndefined();
    expect(costOf(model, { input: 1000, output: 1000 })).toBe(0);
  });

  test('a cost is tokens times price, what the provider had cached at its own price', () => {
    expect(costOf('gpt-4o-mini', { input: 1_000_000, output: 1_000_000 })).toBeCloseTo(0.75, 12);
    expect(costOf('gpt-4o-mini', { input: 1_000_000, output: 0, cachedInput: 400_000 })).toBeCloseTo(0.12, 12);
    expect(costOf('gpt-4', { input: 1_000_000, output: 0, cachedInput: 400_000 })).toBeCloseTo(30, 12);
    expect(costOf('gpt-4o-mini', { input: 10, output: 0, cachedInput: 1000 })).toBeCloseTo(0.000_000_75, 12);
  });

  test('what goes into the prompt cache of the provider has a price of its own, by how long it is kept', () => {
    const million = { input: 1_000_000, output: 0 };
    expect(costOf('claude-sonnet-4-5', million)).toBeCloseTo(3, 12);
    expect(costOf('claude-sonnet-4-5', { ...million, cacheWrite: 1_000_000 })).toBeCloseTo(3.75, 12);
    expect(costOf('claude-sonnet-4-5', { ...million, cacheWriteLong: 500_000 })).toBeCloseTo(4.5, 12);
    expect(costOf('claude-sonnet-4-5', { ...million, cachedInput: 500_000, cacheWrite: 500_000 })).toBeCloseTo(
      2.025,
      12,
    );
    expect(costOf('gpt-4o', { ...million, cacheWrite: 1_000_000 })).toBeCloseTo(2.5, 12);
  });

  test('nothing is spent on the stand-in, nor reckoned without usage', () => {
    expect(costOf('isartor-standin', { input: 1000, output: 1000 })).toBe(0);
    expect(costOf('gpt-4o', null)).toBe(0);
    expect(costOf(undefined, { input: 1, output: 1 })).toBe(0);
  });

  test.each([
    [0, '0'],
    [0.000123, '0.000123'],
    [0.0000015, '0.0000015'],
    [1.5, '1.5'],
    [10, '10'],
    [100, '100'],
    [0.1 + 0.2, '0.3'],
    [1e-12, '0'],
    [-0, '0'],
  ])('%d dollars are written %s', (usd, text) => {
    expect(formatCost(usd)).toBe(text);
    expect(formatCost(nanoUsd(usd) / 1e9)).toBe(text);
  });

  test("an operator's own prices stand in the place of the list's, and beside it", () => {
    const own = new PriceList({
      'gpt-4o': { input: 1, output: 2 },
      'my-model': { input: 7, output: 8 },
      'azure/gpt-4o': { input: 3, output: 4 },
    });
    expect(own.priceOf('gpt-4o-2024-08-06')).toEqual({ input: 1, output: 2 });
    expect(own.priceOf('gpt-4o-2024-05-13')).toBe(PRICES['gpt-4o-2024-05-13']);
    expect(own.priceOf('openai/gpt-4o')).toEqual({ input: 1, output: 2 });
    expect(own.priceOf('Azure/GPT-4o')).toEqual({ input: 3, output: 4 });
    expect(own.costOf('my-model', { input: 1_000_000, output: 1_000_000 })).toBe(15);
    expect(own.priceOf('gpt-4o-mini')).toBe(PRICES['gpt-4o-mini']);
    expect(own.priceOf('constructor')).toBeUndefined();
    expect(priceOf('my-model')).toBeUndefined();
  });

  test('the table says of when it is, and holds no nonsense', () => {
    expect(PRICES_AS_OF).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    for (const price of Object.values(PRICES)) {
      expect(price.output).toBeGreaterThanOrEqual(0);
      expect(price.cachedInput ?? 0).toBeLessThanOrEqual(price.input);
    }
  });
});

describe('a model is priced', () => {
  test.each([
    ['as itself', 'gpt-4o', 'gpt-4o-mini', 'gpt-4o'],
    ['as another where it costs nothing', 'isartor-standin', 'gpt-4o-mini', 'gpt-4o-mini'],
    ['as another where it has no price', 'own', 'gpt-4o-mini', 'gpt-4o-mini'],
    ['as itself where it is for nothing and no other is named', 'isartor-standin', undefined, 'isartor-standin'],
    ['not at all', 'own', undefined, undefined],
  ])('%s', (_how, model, asIf, as) => {
    expect(pricedAs(model, asIf)).toBe(as);
  });
});
