import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The suites that are written here: what must not hit, what should, and what is stored by an attacker. */
export const SUITES = ['flip', 'benign', 'attacks'] as const;
export type SuiteName = (typeof SUITES)[number];

const PAIR = z.strictObject({
  /** The one change, or the kind of attack. */
  kind: z.string().min(1),
  /** Among the attacks: what is stored. */
  a: z.string().min(1),
  /** Among the attacks: the question that it is aimed at. */
  b: z.string().min(1),
});
export type SuitePair = z.infer<typeof PAIR>;

/** Reads a suite. Throws an Error that names file and line where a line is no pair. */
export function readSuite(name: SuiteName): readonly SuitePair[] {
  const lines = readFileSync(new URL(`${name}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line, at) => {
    try {
      return PAIR.parse(JSON.parse(line));
    } catch (cause) {
      throw new Error(`${name}.jsonl, line ${at + 1}, is no pair {kind, a, b}`, { cause });
    }
  });
}
