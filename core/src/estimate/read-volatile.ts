import { phrases } from '../config/value-types.ts';

const PHRASES = phrases();

/** Reads words and phrases as the setting `semantic_cache.volatile` does. Throws an Error that says what is wrong. */
export function readVolatile(text: string): readonly string[] {
  const { data, error } = PHRASES.safeParse(text);
  if (data === undefined) throw new Error(error.issues.map(({ message }) => message).join('; '));
  return data;
}
