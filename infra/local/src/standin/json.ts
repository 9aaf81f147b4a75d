/** A JSON object as it came from a client: nothing about its members is known. */
export type JsonObject = { readonly [name: string]: unknown };

/** Is the value a JSON object (and no array)? */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON with sorted names, so that equal requests have equal text; not RFC 8785, and used nowhere but here. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
