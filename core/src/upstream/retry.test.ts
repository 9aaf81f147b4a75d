import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfterMs, waitBeforeRetry } from './retry.ts';

const POLICY = { maxCalls: 4, baseWaitMs: 250, maxWaitMs: 10_000 };
const NOW = Date.parse('2025-06-01T12:00:00Z');

describe('Retry-After', () => {
  test.each([
    ['7', 7_000],
    ['0', 0],
    [' 1.5 ', 1_500],
    ['Sun, 01 Jun 2025 12:00:05 GMT', 5_000],
    ['Sunday, 01-Jun-25 12:00:05 GMT', 5_000],
    ['Sun Jun  1 12:00:05 2025 GMT', 5_000],
    ['Sun, 01 Jun 2025 11:00:00 GMT', 0],
    ['', undefined],
    ['soon', undefined],
    ['-1', undefined],
    ['2025-06-01', undefined],
    ['Sunday next', undefined],
    [undefined, undefined],
  ])('%s means %s ms', (header, ms) => {
    expect(retryAfterMs(header, NOW)).toBe(ms);
  });
});

describe('the wait before a retry', () => {
  test.each([1, 2, 3])('after %i calls is anything up to a bound that doubled with each', (calls) => {
    const facts = { calls, retryAfterMs: undefined, leftMs: 110_000 };
    expect(waitBeforeRetry(POLICY, facts, () => 0)).toBe(0);
    expect(waitBeforeRetry(POLICY, facts, () => 0.5)).toBe(125 * 2 ** (calls - 1));
  });

  test('is at least what the server asked for', () => {
    expect(waitBeforeRetry(POLICY, { calls: 1, retryAfterMs: 3_000, leftMs: 110_000 }, () => 0)).toBe(3_000);
  });

  test.each([
    ['the server asks for more than the longest wait', 10_001, 110_000],
    ['the server asks for more than is left', 3_000, 2_999],
    ['nothing is left', undefined, 0],
  ])('is not made where %s', (_what, retryAfterMs, leftMs) => {
    expect(waitBeforeRetry(POLICY, { calls: 1, retryAfterMs, leftMs }, () => 0)).toBeUndefined();
  });

  test('never outlives the request', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined }),
        fc.integer({ min: -1_000, max: 110_000 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (calls, asked, leftMs, random) => {
          const wait = waitBeforeRetry(POLICY, { calls, retryAfterMs: asked, leftMs }, () => random);
          if (wait === undefined) return;
          expect(wait).toBeLessThan(leftMs);
          expect(wait).toBeGreaterThanOrEqual(asked ?? 0);
        },
      ),
    );
  });
});
