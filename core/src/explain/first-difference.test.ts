import type { JsonValue } from '@isartor/shared';
import { describe, expect, it } from 'vitest';
import { firstDifference } from './first-difference.ts';

describe('the first difference of two values', () => {
  it.each<[JsonValue, JsonValue]>([
    [1, 1],
    ['a', 'a'],
    [null, null],
    // As in the key: RFC 8785 writes both alike.
    [0, -0],
    [
      { a: [1, { b: true }], c: 'x' },
      { c: 'x', a: [1, { b: true }] },
    ],
  ])('%j and %j: none', (here, there) => {
    expect(firstDifference(here, there)).toBeUndefined();
  });

  it.each<[JsonValue, JsonValue, string, string, string]>([
    [1, 2, '', '1', '2'],
    [null, false, '', 'null', 'false'],
    [{ b: 1, a: 1 }, { b: 2, a: 2 }, '/a', '1', '2'],
    [{ a: 1 }, { a: 1, b: null }, '/b', 'absent', 'null'],
    [{ a: [1, 2] }, { a: [1] }, '/a/1', '2', 'absent'],
    [{ a: [] }, { a: {} }, '/a', 'a list of 0', 'an object of 0'],
    [
      { 'a/b~': { c: 'secret' } },
      { 'a/b~': { c: 'other' } },
      '/a~1b~0/c',
      'a text of 6 characters',
      'a text of 5 characters',
    ],
  ])('%j and %j: at %s', (here, there, pointer, one, other) => {
    expect(firstDifference(here, there)).toEqual({ pointer, here: one, there: other });
  });
});
