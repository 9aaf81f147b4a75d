/** Every decimal of so many significant digits survives the way into a double and back. */
const EXACT_DIGITS = 15;
/** Below it a double loses digits, in the end all of them. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;
/** A literal of fewer bytes whose exponent, `e` included, takes at most three needs no look at its size: `e99` is far from the ends. */
const IN_RANGE_LENGTH = 200;
const IN_RANGE_EXPONENT = 3;

const ascii = new TextDecoder();

/** The offset after the JSON number that starts at `start`, or the complement (`~offset`) of where it stops being one. */
export function scanNumber(bytes: Uint8Array, start: number): number {
  let at = start;
  if (bytes[at] === 0x2d) at++;
  if (bytes[at] === 0x30) at++;
  else {
    const integer = at;
    at = afterDigits(bytes, at);
    if (at === integer) return ~at;
  }
  if (bytes[at] === 0x2e) {
    const fraction = at + 1;
    at = afterDigits(bytes, fraction);
    if (at === fraction) return ~at;
  }
  if (isExponentMark(bytes[at])) {
    const sign = bytes[at + 1];
    const exponent = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1;
    at = afterDigits(bytes, exponent);
    if (at === exponent) return ~at;
  }
  return at;
}

/**
 * Whether a double tells the number written from `start` to `end` from every other number written as exactly: at most
 * 15 significant digits (from the first that is not 0, zeros at the end included), neither too large nor too small.
 */
export function isExactNumber(bytes: Uint8Array, start: number, end: number): boolean {
  let digits = 0;
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (isExponentMark(byte)) break;
    if (byte >= 0x30 && byte <= 0x39 && (digits > 0 || byte !== 0x30)) digits++;
  }
  if (digits > EXACT_DIGITS) return false;
  if (digits === 0) return true;
  if (end - at <= IN_RANGE_EXPONENT && end - start < IN_RANGE_LENGTH) return true;
  const size = Math.abs(Number(ascii.decode(bytes.subarray(start, end))));
  return size >= SMALLEST_NORMAL && size < Infinity;
}

function afterDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let byte = bytes[at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = bytes[at] ?? 0) at++;
  return at;
}

function isExponentMark(byte: number | undefined): boolean {
  return byte === 0x65 || byte === 0x45;
}
