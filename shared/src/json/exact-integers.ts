/** Most JSON has no whole number that long, and then nothing has to be parsed. In a text there may be what looks like one. */
const LONG_INTEGER = /(?:^|[\s:,[])-?\d{16}/;
const INTEGER = /^-?\d+$/;

/**
 * Whether every whole number of a JSON text survives being read and written again: an identifier of twenty digits in a
 * tool's arguments does not. Fractions lose nothing that a reader of doubles would see. Throws SyntaxError for what is
 * not JSON.
 */
export function hasExactIntegers(text: string): boolean {
  if (!LONG_INTEGER.test(text)) return true;
  let exact = true;
  JSON.parse(text, (_name, value: unknown, context?: { readonly source?: string }) => {
    const source = context?.source;
    // Where a runtime does not tell the source, the number's own size has to do.
    if (typeof value === 'number' && INTEGER.test(source ?? String(value)) && !Number.isSafeInteger(value))
      exact = false;
    return value;
  });
  return exact;
}
