import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { PAIR_FEATURES } from './pair-features.ts';

/** One tree: `feature`, `threshold`, `left`, `right` of each inner node; a negative child is the leaf `-child - 1`. */
const TREE = z.strictObject({
  feature: z.array(
    z
      .int()
      .min(0)
      .max(PAIR_FEATURES.length - 1),
  ),
  threshold: z.array(z.number()),
  left: z.array(z.int()),
  right: z.array(z.int()),
  /** What each leaf adds to the score. */
  leaf: z.array(z.number()).min(1),
});

const HEAD = z.strictObject({
  version: z.literal(1),
  /** The features that it was trained on, by name and in order. */
  features: z.array(z.string()),
  trees: z.array(TREE).min(1),
  /** From score to probability, on pairs that the trees were not trained on: 1 / (1 + e^-(slope · score + shift)). */
  calibration: z.strictObject({ slope: z.number().positive(), shift: z.number() }),
});

/** Weighs the features of a pair: boosted trees, and their calibration. Plain data. */
export type Head = z.infer<typeof HEAD>;

/** Throws an Error that names the file and what is wrong with it, other features than ours included. */
export function readHead(file: string): Head {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} is missing, or not JSON`, { cause });
  }
  const result = HEAD.safeParse(json);
  if (!result.success) throw new Error(`${file}: ${z.prettifyError(result.error)}`);
  if (result.data.features.join() !== PAIR_FEATURES.join()) {
    throw new Error(`${file} was trained on other features: train it again (core/models/training/README.md)`);
  }
  return result.data;
}

/** The probability that the two questions of these features have one answer. */
export function probabilityOf({ trees, calibration }: Head, features: readonly number[]): number {
  const score = trees.reduce((sum, tree) => sum + leafOf(tree, features), 0);
  return 1 / (1 + Math.exp(-(calibration.slope * score + calibration.shift)));
}

function leafOf({ feature, threshold, left, right, leaf }: Head['trees'][number], features: readonly number[]): number {
  let node = feature.length === 0 ? -1 : 0;
  while (node >= 0) {
    const value = features[feature[node] ?? 0] ?? 0;
    node = (value <= (threshold[node] ?? 0) ? left[node] : right[node]) ?? -1;
  }
  return leaf[-node - 1] ?? 0;
}
