import type { z } from 'zod';
import { suggestName } from './suggest-name.ts';

/** A setting's JSON list; undefined where it is none. The parser's own message would quote the text, which may hold keys. */
export function parsedList(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What is wrong with members that are not known: never a value, and of a name only what looks like one. */
export function unknownMember({ keys }: z.core.$ZodIssueUnrecognizedKeys, known: readonly string[]): string {
  const name = keys.find((key) => /^[A-Za-z_]{1,32}$/.test(key));
  const meant = name === undefined ? undefined : suggestName(name, known);
  if (name === undefined) return `has a member that is not known here; known are ${known.join(', ')}`;
  return meant === undefined
    ? `has no member ${name}; known are ${known.join(', ')}`
    : `has no member ${name}; did you mean ${meant}?`;
}
