import { describe, expect, test } from 'vitest';
import { GUARD_RULES } from './guard-rules.ts';
import { readingOf } from './reading.ts';

describe.each(GUARD_RULES.map((rule) => [rule.name, rule] as const))('the rule %s', (_name, rule) => {
  test.each(rule.examples.apart)('keeps apart: %s | %s', (a, b) => {
    expect(rule.difference(readingOf(a), readingOf(b))).toBeTypeOf('string');
    expect(rule.difference(readingOf(b), readingOf(a))).toBeTypeOf('string');
  });

  test.each(rule.examples.alike)('lets pass: %s | %s', (a, b) => {
    expect(rule.difference(readingOf(a), readingOf(b))).toBeUndefined();
    expect(rule.difference(readingOf(b), readingOf(a))).toBeUndefined();
  });

  test.each(rule.examples.apart)('finds no difference of a text and itself: %s', (a) => {
    expect(rule.difference(readingOf(a), readingOf(a))).toBeUndefined();
  });
});

test('no two rules have one name', () => {
  expect(new Set(GUARD_RULES.map(({ name }) => name)).size).toBe(GUARD_RULES.length);
});
