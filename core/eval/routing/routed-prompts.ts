import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const ROW = z.object({
  subject: z.string().min(1),
  prompt: z.string().min(1),
  small_ok: z.boolean(),
  large_ok: z.boolean(),
});

/** A prompt that a small and a large model have answered. */
export interface RoutedPrompt {
  readonly subject: string;
  readonly prompt: string;
  readonly smallIsRight: boolean;
  readonly largeIsRight: boolean;
}

/** Reads a JSON object `{"subject","prompt","small_ok","large_ok"}` a line. Throws an Error that names a bad line. */
export function readRoutedPrompts(file: string): readonly RoutedPrompt[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, at) => {
    if (line.trim() === '') return [];
    const row = ROW.safeParse(parsed(line));
    if (!row.success) throw new Error(`${file}, line ${at + 1}: ${z.prettifyError(row.error)}`);
    const { subject, prompt, small_ok: smallIsRight, large_ok: largeIsRight } = row.data;
    return [{ subject, prompt, smallIsRight, largeIsRight }];
  });
}

/** The part that a subject belongs to, by a hash of its name: a whole subject is in one part. */
export function partOf(subject: string, parts: number): number {
  return createHash('sha256').update(subject).digest().readUInt32BE(0) % parts;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Said by the schema, with the line's number.
    return undefined;
  }
}
