import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { z } from 'zod';
import { readHead, type Head } from './verifier/head.ts';

/** A part of 1 for each operating point. */
const SHARES = z.strictObject({
  strict: z.number().min(0).max(1),
  balanced: z.number().min(0).max(1),
  loose: z.number().min(0).max(1),
});

const POINTS = z.object({
  /** Least cosine of a hit. */
  threshold: z.number().min(0).max(1),
  /** Least probability of a hit at each operating point. */
  points: SHARES,
  /** Share of the hits that were read which were wrong; absent where none were read. */
  wrong: SHARES.optional(),
  /** Its upper 95 % bound. */
  wrongUpper: SHARES.optional(),
});

/** Of the embedders that were calibrated; beside `src` and `dist` alike. */
const CALIBRATED = fileURLToPath(new URL('../../models', import.meta.url));

/** What was calibrated for one embedder. */
export interface Calibration extends z.infer<typeof POINTS> {
  readonly head: Head;
}

/**
 * The calibration in a model's own folder, else the one that comes along for a model of this name; undefined where
 * there is none. Throws an Error that names the file that is wrong.
 */
export function readCalibration(dir: string, name: string): Calibration | undefined {
  for (const place of [dir, join(CALIBRATED, name)]) {
    const file = join(place, 'calibration.json');
    const head = join(place, 'head.json');
    if (!existsSync(file) || !existsSync(head)) continue;
    const result = POINTS.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error)}`);
    return { ...result.data, head: readHead(head) };
  }
  return undefined;
}
