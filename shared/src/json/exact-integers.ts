/** Most JSON has no run of digits that long, and then nothing has to be parsed. */
const LONG_RUN = /\d{16}/;
const INTEGER = /^-?\d+$/;

/**
 * Whether every whole number of a JSON text survives being read and written again: an identifier of twenty digits in a
 * tool's arguments does not. Fractions lose nothing that a reader of doubles would see. Throws SyntaxError for what is
 * not JSON.
 */
export function hasExactIntegers(text: string): boolean {
  if (!LONG_RUN.test(text)) return true;
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
