import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PROMPT_FEATURES } from './prompt-features.ts';

/** What ships; made by `core/eval/routing/train.ts`. */
const SHIPPED = fileURLToPath(new URL('../../../models/routing/head.json', import.meta.url));
/** A feature further from its mean than so many deviations counts as that far. */
export const MOST_DEVIATIONS = 3;
/** A feature that varied less than that in training taught nothing. */
const LEAST_DEVIATION = 1e-9;

const HEAD = z
  .strictObject({
    version: z.literal(1),
    /** The features that it was trained on, by name and in order. */
    features: z.array(z.string()),
    mean: z.array(z.number()),
    deviation: z.array(z.number().min(0)),
    weights: z.array(z.number()),
    bias: z.number(),
    /** From score to probability, by subjects that the weights were not trained on: 1 / (1 + e^-(slope · score + shift)). */
    calibration: z.strictObject({ slope: z.number().positive(), shift: z.number() }),
  })
  .refine((head) => [head.mean, head.deviation, head.weights].every(({ length }) => length === head.features.length), {
    error: 'there must be a mean, a deviation and a weight for each feature',
  });

/** Weighs a request's features: logistic regression, and its calibration. Plain data. */
export type RoutingHead = z.infer<typeof HEAD>;

/** Throws an Error that names the file and what is wrong with it, other features than ours included. */
export function readRoutingHead(file = SHIPPED): RoutingHead {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} is missing, or not JSON`, { cause });
  }
  const result = HEAD.safeParse(json);
  if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error)}`);
  if (result.data.features.join() !== PROMPT_FEATURES.join()) {
    throw new Error(`${file} was trained on other features: train it again (core/models/routing/README.md)`);
  }
  return result.data;
}

/**
 * The probability that the small model answers rightly. Undefined for a request that differs from all it was trained on in
 * something that was the same in all of them (a second turn, another script): it would be a guess.
 */
export function probabilityOf(head: RoutingHead, features: readonly number[]): number | undefined {
  let score = head.bias;
  for (const [at, value] of features.entries()) {
    const deviation = head.deviation[at] ?? 0;
    const distance = value - (head.mean[at] ?? 0);
    if (deviation < LEAST_DEVIATION) {
      if (Math.abs(distance) > LEAST_DEVIATION) return undefined;
      continue;
    }
    const bounded = Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, distance / deviation));
    score += (head.weights[at] ?? 0) * bounded;
  }
  return 1 / (1 + Math.exp(-(head.calibration.slope * score + head.calibration.shift)));
}
