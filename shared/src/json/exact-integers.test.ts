import { describe, expect, test } from 'vitest';
import { hasExactIntegers } from './exact-integers.ts';

describe('whole numbers survive being read and written again', () => {
  test.each<[string, boolean]>([
    ['{"id":12345678901234567890}', false],
    ['[-9007199254740993]', false],
    ['[9007199254740992]', false],
    ['[9007199254740991]', true],
    ['["12345678901234567890"]', true],
    ['[0.12345678901234567890]', true],
    ['[1e400, 12345678901234567890]', false],
    ['[1,12345678901234567890]', false],
    ['{"a":-12345678901234567890}', false],
    ['{"a":\n12345678901234567890}', false],
    ['12345678901234567890', false],
    ['["a: 12345678901234567890"]', true],
    ['{"a":{"b":[{"c":100000000000000000000}]}}', false],
    ['{"12345678901234567890":1}', true],
    ['{}', true],
  ])('%s: %s', (text, expected) => {
    expect(hasExactIntegers(text)).toBe(expected);
  });
});
