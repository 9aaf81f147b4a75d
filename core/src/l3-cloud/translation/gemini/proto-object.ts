import { z } from 'zod';

/**
 * An object of Google's, whose members may be spelled in either way: `inlineData`, or `inline_data`. Members of other
 * names are not known.
 */
export function protoObject<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.preprocess(camelCased, z.strictObject(shape));
}

function camelCased(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [camelCase(name), member as unknown]));
}

/** `any_of` as `anyOf`. */
export function camelCase(name: string): string {
  return name.replaceAll(/(?<=[a-z])_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
