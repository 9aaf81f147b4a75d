import { MOST_DEVIATIONS } from '../../src/l2-small-model/decide/routing-head.ts';

/** What is fitted: rows of features, and for each whether it is so. */
export interface Examples {
  readonly rows: readonly Float64Array[];
  readonly labels: readonly boolean[];
}

/** A linear score of features: its logit is `bias + Σ weights · (feature - mean) / deviation`, each term's factor bounded. */
export interface Logistic {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  readonly weights: readonly number[];
  readonly bias: number;
}

const STEPS = 300;

/**
 * Logistic regression with a penalty on the square of the weights, by Nesterov's accelerated gradient on standardised
 * features (Y. Nesterov, 1983). Deterministic. A feature that never varies gets the weight 0.
 */
export function fitLogistic({ rows, labels }: Examples, penalty: number): Logistic {
  const { mean, deviation } = spreadOf(rows);
  const scaled = rows.map((row) => standardised(row, mean, deviation));
  const width = mean.length;
  // The last weight is the bias, which is not penalised.
  const weights = new Float64Array(width + 1);
  const ahead = new Float64Array(width + 1);
  const step = 1 / (0.25 * largestCurvature(scaled, width) + penalty / rows.length);
  for (let at = 1; at <= STEPS; at++) {
    const gradient = gradientAt(ahead, scaled, labels, penalty);
    const momentum = at / (at + 3);
    for (let i = 0; i <= width; i++) {
      const next = (ahead[i] ?? 0) - step * (gradient[i] ?? 0);
      ahead[i] = next + momentum * (next - (weights[i] ?? 0));
      weights[i] = next;
    }
  }
  return { mean, deviation, weights: [...weights.subarray(0, width)], bias: weights[width] ?? 0 };
}

/** The logit of one row. */
export function logitOf({ mean, deviation, weights, bias }: Logistic, row: Float64Array): number {
  const scaled = standardised(row, mean, deviation);
  return weights.reduce((sum, weight, i) => sum + weight * (scaled[i] ?? 0), bias);
}

function gradientAt(
  weights: Float64Array,
  rows: readonly Float64Array[],
  labels: readonly boolean[],
  penalty: number,
): Float64Array {
  const width = weights.length - 1;
  const gradient = new Float64Array(width + 1);
  for (const [at, row] of rows.entries()) {
    let logit = weights[width] ?? 0;
    for (let i = 0; i < width; i++) logit += (weights[i] ?? 0) * (row[i] ?? 0);
    const error = 1 / (1 + Math.exp(-logit)) - (labels[at] === true ? 1 : 0);
    for (let i = 0; i < width; i++) gradient[i] = (gradient[i] ?? 0) + error * (row[i] ?? 0);
    gradient[width] = (gradient[width] ?? 0) + error;
  }
  for (let i = 0; i <= width; i++) {
    gradient[i] = ((gradient[i] ?? 0) + (i < width ? penalty * (weights[i] ?? 0) : 0)) / rows.length;
  }
  return gradient;
}

/** The largest eigenvalue of the features' mean outer product, by power iteration: bounds the step. */
function largestCurvature(rows: readonly Float64Array[], width: number): number {
  let direction = new Float64Array(width + 1).fill(1 / Math.sqrt(width + 1));
  let value = 1;
  for (let round = 0; round < 20; round++) {
    const image = new Float64Array(width + 1);
    for (const row of rows) {
      let along = direction[width] ?? 0;
      for (let i = 0; i < width; i++) along += (direction[i] ?? 0) * (row[i] ?? 0);
      for (let i = 0; i < width; i++) image[i] = (image[i] ?? 0) + along * (row[i] ?? 0);
      image[width] = (image[width] ?? 0) + along;
    }
    const norm = Math.hypot(...image);
    value = norm / rows.length;
    direction = image.map((one) => one / norm);
  }
  // Power iteration approaches it from below.
  return 1.1 * value;
}

function spreadOf(rows: readonly Float64Array[]): { mean: readonly number[]; deviation: readonly number[] } {
  const width = rows[0]?.length ?? 0;
  const mean = Array.from({ length: width }, (_, i) => rows.reduce((sum, row) => sum + (row[i] ?? 0), 0) / rows.length);
  const deviation = mean.map((middle, i) =>
    Math.sqrt(rows.reduce((sum, row) => sum + ((row[i] ?? 0) - middle) ** 2, 0) / rows.length),
  );
  return { mean, deviation };
}

function standardised(row: Float64Array, mean: readonly number[], deviation: readonly number[]): Float64Array {
  return row.map((value, i) => {
    const spread = deviation[i] ?? 0;
    if (spread < 1e-9) return 0;
    return Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, (value - (mean[i] ?? 0)) / spread));
  });
}
