import { expect, test } from 'vitest';
import type { z } from 'zod';
import { keyList } from './key-list-type.ts';

const ACCEPTED: readonly (readonly [name: string, type: z.ZodType, given: unknown, value: unknown])[] = [
  ['keys', keyList(), '[]', []],
];

/** The words of the issue's own message, or undefined: the type's description says what to write. */
const REFUSED: readonly (readonly [name: string, type: z.ZodType, given: unknown, message: string | undefined])[] = [
  ['keys', keyList(), 'sk-secret', 'cannot be used: The list of keys must be JSON.'],
  ['keys', keyList(), '{}', 'cannot be used: The list of keys must be a JSON array of objects.'],
  ['keys', keyList(), '[{"tenant":"A"}]', 'cannot be used: [0].tenant must match [a-z0-9-]{1,64}'],
  ['keys', keyList(), [{ name: 'x' }], 'cannot be used: [0].tenant is missing'],
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
