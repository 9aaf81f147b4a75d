import { fitLogistic, logitOf, type Logistic } from './fit-logistic.ts';
import { partOf } from './routed-prompts.ts';

/** A prompt in the form in which a head learns from it. */
export interface Example {
  readonly subject: string;
  readonly row: Float64Array;
  readonly label: boolean;
}

const PARTS = 5;
/** Penalties that are tried. */
const PENALTIES = [10, 100, 1_000, 10_000] as const;

/**
 * The logit of each example by a head that has seen no example of its subject: a fifth of the subjects at a time is left
 * out. The penalty is chosen inside what is left, by subjects again.
 */
export function crossFitted(examples: readonly Example[]): Float64Array {
  const logits = new Float64Array(examples.length);
  for (let part = 0; part < PARTS; part++) {
    const head = fitted(examples.filter(({ subject }) => partOf(subject, PARTS) !== part));
    for (const [at, { subject, row }] of examples.entries()) {
      if (partOf(subject, PARTS) === part) logits[at] = logitOf(head, row);
    }
  }
  return logits;
}

/** A head of all examples, with the penalty that does best on subjects left out. */
export function fitted(examples: readonly Example[]): Logistic {
  // A part of its own for the choice: by another number of parts it cuts across the fifths.
  const isHeldBack = ({ subject }: Example): boolean => partOf(`${subject}/penalty`, 4) === 0;
  const learnt = examples.filter((example) => !isHeldBack(example));
  const checked = examples.filter(isHeldBack);
  const losses = PENALTIES.map((penalty) => ({ penalty, loss: lossOf(fit(learnt, penalty), checked) }));
  const best = losses.reduce((a, b) => (b.loss < a.loss ? b : a));
  return fit(examples, best.penalty);
}

/** Slope and shift that make probabilities of logits (J. Platt, 1999): of out-of-fold logits, so that they are not too sure. */
export function calibrated(logits: Float64Array, labels: readonly boolean[]): { slope: number; shift: number } {
  const rows = [...logits].map((logit) => Float64Array.of(logit));
  const { mean, deviation, weights, bias } = fitLogistic({ rows, labels }, 1);
  const slope = (weights[0] ?? 0) / (deviation[0] ?? 1);
  return { slope, shift: bias - slope * (mean[0] ?? 0) };
}

function fit(examples: readonly Example[], penalty: number): Logistic {
  return fitLogistic({ rows: examples.map(({ row }) => row), labels: examples.map(({ label }) => label) }, penalty);
}

function lossOf(head: Logistic, examples: readonly Example[]): number {
  return examples.reduce((sum, { row, label }) => {
    const logit = logitOf(head, row);
    return sum + Math.log1p(Math.exp(label ? -logit : logit));
  }, 0);
}
