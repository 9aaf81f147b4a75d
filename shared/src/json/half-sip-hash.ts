/** This process's key: without it nobody can choose names that fall into one slot. Made on first use, as workerd wants. */
let secret: Uint32Array | undefined;

/**
 * HalfSipHash-1-3 of `prefix` (four bytes) and of the bytes from `start` to `end`, under this process's secret key.
 * Algorithm: Aumasson and Bernstein, "SipHash: a fast short-input PRF", its 32-bit variant in the reference code.
 */
export function halfSipHash(bytes: Uint8Array, start: number, end: number, prefix: number): number {
  secret ??= crypto.getRandomValues(new Uint32Array(2));
  let v0 = (secret[0] ?? 0) | 0;
  let v1 = (secret[1] ?? 0) | 0;
  let v2 = 0x6c796765 ^ v0;
  let v3 = 0x74656462 ^ v1;
  const length = end - start;
  const whole = length >> 2;
  // The prefix, the whole words, the rest with the length on top, and three rounds to finish.
  for (let step = 0; step < whole + 5; step++) {
    let word = 0;
    if (step === 0) word = prefix;
    else if (step <= whole) {
      const at = start + step * 4 - 4;
      word =
        (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    } else if (step === whole + 1) {
      word = length << 24;
      for (let at = start + whole * 4; at < end; at++) word |= (bytes[at] ?? 0) << (((at - start) & 3) * 8);
    } else if (step === whole + 2) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}
