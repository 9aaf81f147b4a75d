import { createHash } from 'node:crypto';

/** A source of numbers that depends on its seed alone. */
export interface Seeded {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  below(bound: number): number;
  /** One of the given things; there must be at least one. */
  pick<T>(things: readonly [T, ...T[]] | readonly T[]): T | undefined;
}

/** SHA-256 of the text, in hexadecimal. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Numbers from a text seed: mulberry32 (Tommy Ettinger's public-domain generator) on 32 bits of SHA-256. */
export function seeded(seed: string): Seeded {
  let state = Number.parseInt(sha256Hex(seed).slice(0, 8), 16);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return { next, below, pick: (things) => things[below(things.length)] };
}
