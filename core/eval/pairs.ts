import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Files of others say 1 and 0. */
const SAME = z.union([z.boolean(), z.literal(0), z.literal(1)]).transform(Boolean);
const PAIR = z.object({ a: z.string(), b: z.string(), same: SAME });

/** Two questions, and whether one answer is right for both. */
export type Pair = z.infer<typeof PAIR>;

/** `dev` may be looked at while rules and features are worked on, `held-out` only to report. */
export type Part = 'dev' | 'held-out';

/** Reads pairs, one JSON object a line. Throws an Error that names the line that is none. */
export function readPairs(file: string): readonly Pair[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, at) => {
    if (line.trim() === '') return [];
    try {
      return PAIR.parse(JSON.parse(line));
    } catch (cause) {
      throw new Error(`${file}, line ${at + 1}, is no pair {"a": text, "b": text, "same": true or false}`, { cause });
    }
  });
}

/** Names a pair without its texts. */
export function pairId({ a, b }: Pick<Pair, 'a' | 'b'>): string {
  return createHash('sha256')
    .update(JSON.stringify([a, b]))
    .digest('hex')
    .slice(0, 16);
}

/** Half of all pairs by the hash of their texts: the same in every run and on every machine. */
export function partOf(pair: Pick<Pair, 'a' | 'b'>): Part {
  return Number.parseInt(pairId(pair).slice(0, 2), 16) % 2 === 0 ? 'dev' : 'held-out';
}
