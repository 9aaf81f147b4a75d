import { describe, expect, it } from 'vitest';
import { FeedbackLimit } from './feedback-limit.ts';

describe('how often a key may report', () => {
  it('is 30 times at once and 6 times a minute after that, each key for itself', () => {
    let now = 1_000;
    const limit = new FeedbackLimit(() => now);
    const taken = (key: string): number => {
      let count = 0;
      while (limit.take(key) === undefined) count += 1;
      return count;
    };
    expect(taken('a')).toBe(30);
    expect(limit.take('a')).toBe(10);
    now += 9_999;
    expect(limit.take('a')).toBe(1);
    now += 1;
    expect(limit.take('a')).toBeUndefined();
    expect(limit.take('a')).toBe(10);
    now += 60_000;
    expect(taken('a')).toBe(6);
    expect(taken('b')).toBe(30);
    now += 3_600_000;
    expect(taken('a')).toBe(30);
  });
});
