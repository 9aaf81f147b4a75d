/**
 * Length of the well-formed UTF-8 sequence of several bytes that starts at `at`, or 0 when there is none: a stray
 * continuation, an overlong form, a surrogate, a code point past U+10FFFF, or a sequence cut by the end.
 * By table 3-7 of the Unicode Standard (well-formed UTF-8 byte sequences). The byte at `at` must be 0x80 or above.
 */
export function utf8SequenceLength(bytes: Uint8Array, at: number): 0 | 2 | 3 | 4 {
  const lead = bytes[at] ?? 0;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const second = at + 1 < bytes.length ? (bytes[at + 1] ?? 0) : 0;
  if (lead < 0xe0) return (second & 0xc0) === 0x80 ? 2 : 0;
  const third = at + 2 < bytes.length ? (bytes[at + 2] ?? 0) : 0;
  if ((third & 0xc0) !== 0x80) return 0;
  if (lead < 0xf0) {
    const lowest = lead === 0xe0 ? 0xa0 : 0x80;
    const highest = lead === 0xed ? 0x9f : 0xbf;
    return second >= lowest && second <= highest ? 3 : 0;
  }
  const fourth = at + 3 < bytes.length ? (bytes[at + 3] ?? 0) : 0;
  if ((fourth & 0xc0) !== 0x80) return 0;
  const lowest = lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xf4 ? 0x8f : 0xbf;
  return second >= lowest && second <= highest ? 4 : 0;
}

/** Offset of the first byte at or after `from` that is not well-formed UTF-8, or -1. */
export function firstInvalidUtf8(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length) {
    if ((bytes[at] ?? 0) < 0x80) at++;
    else {
      const length = utf8SequenceLength(bytes, at);
      if (length === 0) return at;
      at += length;
    }
  }
  return -1;
}
