import { expect, test } from 'vitest';
import type { z } from 'zod';
import {
  byteSize,
  choice,
  choiceOr,
  decimalNumber,
  flag,
  headerSecret,
  modelNames,
  namespace,
  origins,
  oneLine,
  phrases,
  wholeNumber,
} from './value-types.ts';

const ACCEPTED: readonly (readonly [name: string, type: z.ZodType, given: unknown, value: unknown])[] = [
  ['whole number', wholeNumber(0, 9), '7', 7],
  ['whole number', wholeNumber(0, 9), 7, 7],
  ['whole number', wholeNumber(0, 9), ' 0 ', 0],
  ['number', decimalNumber(0, 1), '0.85', 0.85],
  ['number', decimalNumber(0, 1), 1, 1],
  ['bytes', byteSize(1), '1024', 1024],
  ['bytes', byteSize(1), 1024, 1024],
  ['bytes', byteSize(1), '2Ki', 2048],
  ['bytes', byteSize(1), '32 MiB', 33_554_432],
  ['bytes', byteSize(1), '1GiB', 1_073_741_824],
  ['flag', flag(), 'true', true],
  ['flag', flag(), 'False', false],
  ['flag', flag(), false, false],
  ['choice', choice(['a', 'b']), 'b', 'b'],
  ['choice', choiceOr(['a', 'b'], { c: 'a' }), 'c', 'a'],
  ['choice', choiceOr(['a', 'b'], { c: 'a' }), 'b', 'b'],
  ['text', oneLine(), ' phi-3 ', 'phi-3'],
  ['secret', headerSecret(), 'a!~', 'a!~'],
  ['namespace', namespace(), 'team-a.2_x', 'team-a.2_x'],
  ['models', modelNames(), 'a, b,,a', ['a', 'b']],
  ['models', modelNames(), ['a', 'b'], ['a', 'b']],
  ['origins', origins(), 'https://a.example, http://localhost:3000', ['https://a.example', 'http://localhost:3000']],
  ['origins', origins(), '*', ['*']],
  ['phrases', phrases(), 'default, Our menu,today', ['default', 'Our menu', 'today']],
  ['phrases', phrases(), [], []],
];

/** The words of the issue's own message, or undefined: the type's description says what to write. */
const REFUSED: readonly (readonly [name: string, type: z.ZodType, given: unknown, message: string | undefined])[] = [
  ['whole number', wholeNumber(0, 9), '10', undefined],
  ['whole number', wholeNumber(0, 9), 10, undefined],
  ['whole number', wholeNumber(0, 9), '-1', undefined],
  ['whole number', wholeNumber(0, 9), '1.5', undefined],
  ['whole number', wholeNumber(0, 9), 1.5, undefined],
  ['whole number', wholeNumber(0, 9), '1e0', undefined],
  ['whole number', wholeNumber(0, 9), '', undefined],
  ['whole number', wholeNumber(0, 9), true, undefined],
  ['number', decimalNumber(0, 1), '1.01', undefined],
  ['number', decimalNumber(0, 1), -0.1, undefined],
  ['number', decimalNumber(0, 1), '0,85', undefined],
  ['number', decimalNumber(0, 1), 'NaN', undefined],
  ['number', decimalNumber(0, 1), Number.NaN, undefined],
  ['bytes', byteSize(1), '0', undefined],
  ['bytes', byteSize(1), '1 MB', undefined],
  ['bytes', byteSize(1), '1.5MiB', undefined],
  ['bytes', byteSize(1), '999999999999999GiB', undefined],
  ['flag', flag(), 'yes', undefined],
  ['flag', flag(), '1', undefined],
  ['flag', flag(), 1, undefined],
  ['choice', choice(['a', 'b']), 'c', undefined],
  ['choice', choice(['a', 'b']), false, undefined],
  ['choice', choiceOr(['a', 'b'], { c: 'a' }), 'd', undefined],
  ['text', oneLine(), 'two\nlines', undefined],
  ['text', oneLine(), 4, undefined],
  ['secret', headerSecret(), 'two words', undefined],
  ['secret', headerSecret(), 'schlüssel', undefined],
  ['secret', headerSecret(), 'a'.repeat(513), undefined],
  ['secret', headerSecret(), 123_456, undefined],
  ['namespace', namespace(), 'a{b}', undefined],
  ['namespace', namespace(), 'a:b', undefined],
  ['models', modelNames(), [1], undefined],
  ['origins', origins(), 'https://a.example, b.example', 'has an entry (number 2) that is not an origin'],
  ['origins', origins(), 'https://a.example/path', 'has an entry (number 1) that is not an origin'],
  ['phrases', phrases(), 'a, ?!', 'has an entry (number 2) that is not taken'],
  ['phrases', phrases(), ['a'.repeat(65)], 'has an entry (number 1) that is not taken'],
  ['phrases', phrases(), Array(257).fill('a'), 'has an entry (number 257) that is not taken'],
  ['origins', origins(), 'ftp://a.example', 'has an entry (number 1) that is not an origin'],
];

test.each(ACCEPTED.map(([name, type, given, value]) => [name, given, value, type] as const))(
  '%s: %o is read as %o',
  (_name, given, value, type) => {
    expect(type.parse(given)).toEqual(value);
    expect(type.description).toMatch(/\S/);
  },
);

test.each(REFUSED.map(([name, type, given, message]) => [name, given, message, type] as const))(
  '%s: %o is refused (%s)',
  (_name, given, message, type) => {
    const { error } = type.safeParse(given);
    expect(error).toBeDefined();
    const custom = error?.issues.find((issue) => issue.code === 'custom')?.message;
    if (message === undefined) expect(custom).toBeUndefined();
    else expect(custom).toContain(message);
  },
);
