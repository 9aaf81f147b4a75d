import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readHead, type Head } from '../src/l1b-semantic-cache/verifier/head.ts';

const POINTS = z.object({
  /** Least cosine of a hit. */
  threshold: z.number(),
  /** Least probability of a hit at each point. */
  points: z.strictObject({ strict: z.number(), balanced: z.number(), loose: z.number() }),
});

/** What was calibrated for one embedder. */
export interface Calibration extends z.infer<typeof POINTS> {
  readonly head: Head;
}

/** Undefined for an embedder that none was made for. */
export function readCalibration(model: string): Calibration | undefined {
  const head = fileURLToPath(new URL(`../models/${model}/head.json`, import.meta.url));
  const manifest = fileURLToPath(new URL(`../models/${model}/calibration.json`, import.meta.url));
  if (!existsSync(head) || !existsSync(manifest)) return undefined;
  return { ...POINTS.parse(JSON.parse(readFileSync(manifest, 'utf8'))), head: readHead(head) };
}
