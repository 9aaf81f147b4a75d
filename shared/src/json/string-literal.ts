import { unsafeJson } from './scan-rule.ts';
import { utf8SequenceLength } from './utf8-sequence.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** 1 for each byte that stands for itself in a string: ASCII but control characters, the quote and the backslash. */
export const PLAIN_BYTES: Readonly<Uint8Array> = new Uint8Array(256).map((_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/**
 * The offset after the closing quote of the JSON string whose text starts at `start` (after the opening quote), or the
 * complement (`~offset`) of where it stops being one. Throws `unsafe_json` for invalid UTF-8 and for a lone surrogate.
 */
export function scanString(bytes: Uint8Array, start: number): number {
  const length = bytes.length;
  let at = start;
  while (at < length) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) {
      at = scanEscape(bytes, at);
      if (at < 0) return at;
    } else if (byte >= 0x80) {
      const sequence = utf8SequenceLength(bytes, at);
      if (sequence === 0) throw unsafeJson('invalid-utf8', at);
      at += sequence;
    } else if (byte < 0x20) return ~at;
    else at++;
  }
  return ~at;
}

/** As scanString, for the escape (or pair of them) whose backslash stands at `at`. */
function scanEscape(bytes: Uint8Array, at: number): number {
  switch (bytes[at + 1] ?? 0) {
    case 0x22: // "
    case 0x2f: // /
    case 0x5c: // \
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 2;
    case 0x75: {
      const unit = hexUnit(bytes, at + 2);
      if (unit < 0) return ~at;
      if (unit < 0xd800 || unit > 0xdfff) return at + 6;
      if (unit > 0xdbff || bytes[at + 6] !== BACKSLASH || bytes[at + 7] !== 0x75)
        throw unsafeJson('lone-surrogate', at);
      const low = hexUnit(bytes, at + 8);
      if (low < 0xdc00 || low > 0xdfff) throw unsafeJson('lone-surrogate', at);
      return at + 12;
    }
    default:
      return ~at;
  }
}

/**
 * Writes the UTF-8 of a string's text, from `start` to `end` without its quotes, into `target` from `offset` on and
 * returns the offset after it. Only for text that scanString accepted. It is never longer than the text.
 */
export function unescapeString(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  offset: number,
): number {
  let to = offset;
  let at = start;
  while (at < end) {
    const byte = bytes[at] ?? 0;
    if (byte !== BACKSLASH) {
      target[to++] = byte;
      at++;
      continue;
    }
    const letter = bytes[at + 1] ?? 0;
    if (letter !== 0x75) {
      target[to++] = SHORT_ESCAPES.get(letter) ?? letter;
      at += 2;
      continue;
    }
    const unit = hexUnit(bytes, at + 2);
    const paired = unit >= 0xd800 && unit <= 0xdbff;
    const code = paired ? 0x10000 + ((unit & 0x3ff) << 10) + (hexUnit(bytes, at + 8) & 0x3ff) : unit;
    at += paired ? 12 : 6;
    if (code < 0x80) target[to++] = code;
    else {
      if (code < 0x800) target[to++] = 0xc0 | (code >> 6);
      else {
        if (code < 0x10000) target[to++] = 0xe0 | (code >> 12);
        else {
          target[to++] = 0xf0 | (code >> 18);
          target[to++] = 0x80 | ((code >> 12) & 0x3f);
        }
        target[to++] = 0x80 | ((code >> 6) & 0x3f);
      }
      target[to++] = 0x80 | (code & 0x3f);
    }
  }
  return to;
}

const SHORT_ESCAPES: ReadonlyMap<number, number> = new Map([
  [0x62, 0x08],
  [0x66, 0x0c],
  [0x6e, 0x0a],
  [0x72, 0x0d],
  [0x74, 0x09],
]);

/** The value of four hexadecimal digits, or -1. */
function hexUnit(bytes: Uint8Array, at: number): number {
  let unit = 0;
  for (let i = at; i < at + 4; i++) {
    const byte = bytes[i] ?? 0;
    let digit: number;
    if (byte >= 0x30 && byte <= 0x39) digit = byte - 0x30;
    else {
      const letter = byte | 0x20;
      if (letter < 0x61 || letter > 0x66) return -1;
      digit = letter - 0x57;
    }
    unit = (unit << 4) | digit;
  }
  return unit;
}
