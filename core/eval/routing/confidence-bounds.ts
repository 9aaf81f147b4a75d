import { mulberry32, upperBound, type Interval } from '../measures.ts';
import type { JudgedAnswer } from './judged-answers.ts';

/** What a bound on the confidence (`layer2.least_confidence`) comes to. */
export interface BoundFigures {
  readonly bound: number;
  /** Share of the answers that stay with the small model. */
  readonly share: number;
  /** Share of those that are right; 1 where none stays. */
  readonly precision: number;
  /** 95 % intervals, by drawing the answers anew. */
  readonly intervals: { readonly share: Interval; readonly precision: Interval };
  /**
   * What the precision is at least, in 95 of 100 samples (Wilson). Drawn anew, answers that are all right stay so however
   * few they are; this knows how few.
   */
  readonly precisionAtLeast: number;
}

/** The figures of every bound, and which bounds reach a precision; undefined: none does. */
export interface Calibration {
  readonly answers: number;
  readonly wanted: number;
  readonly bounds: readonly BoundFigures[];
  /** The least bound at which as much is right in these answers. */
  readonly least: number | undefined;
  /** The least bound at which these answers are enough to say that it will be as much. */
  readonly sure: number | undefined;
}

/** Bounds are judged by hundredths: finer ones would follow the sample. */
const STEPS = 100;
const DRAWS = 300;
const SEED = 11;

/** How many answers stay at each bound, and how many of them are right. */
interface Kept {
  readonly all: Float64Array;
  readonly right: Float64Array;
}

/** @param wanted the share of what stays with the small model that is to be right */
export function calibrateConfidence(answers: readonly JudgedAnswer[], wanted: number): Calibration {
  const steps = Uint8Array.from(answers, ({ confidence }) => stepOf(confidence));
  const rights = Uint8Array.from(answers, ({ right }) => Number(right));
  const seen = keptOf(steps, rights, (at) => at);
  const random = mulberry32(SEED);
  const drawn = Array.from({ length: DRAWS }, () => keptOf(steps, rights, () => Math.floor(random() * answers.length)));
  const bounds = Array.from({ length: STEPS }, (_, step): BoundFigures => {
    const share = ({ all }: Kept): number => (all[step] ?? 0) / answers.length;
    const precision = ({ all, right }: Kept): number => (all[step] ? (right[step] ?? 0) / all[step] : 1);
    const [all, right] = [seen.all[step] ?? 0, seen.right[step] ?? 0];
    return {
      bound: step / STEPS,
      share: share(seen),
      precision: precision(seen),
      intervals: { share: middle95(drawn.map(share)), precision: middle95(drawn.map(precision)) },
      precisionAtLeast: 1 - upperBound(all - right, all),
    };
  });
  return {
    answers: answers.length,
    wanted,
    bounds,
    least: bounds.find(({ share, precision }) => share > 0 && precision >= wanted)?.bound,
    sure: bounds.find(({ precisionAtLeast }) => precisionAtLeast >= wanted)?.bound,
  };
}

/** The highest bound that lets this confidence pass, in hundredths. Dividing, as the bound itself is: 0.29 passes 0.29. */
function stepOf(confidence: number): number {
  const step = Math.floor(confidence * STEPS);
  return (step + 1) / STEPS <= confidence ? step + 1 : step;
}

function keptOf(steps: Uint8Array, rights: Uint8Array, draw: (at: number) => number): Kept {
  const [all, right] = [new Float64Array(STEPS + 1), new Float64Array(STEPS + 1)];
  for (let count = 0; count < steps.length; count++) {
    const at = draw(count);
    const step = steps[at] ?? 0;
    all[step] = (all[step] ?? 0) + 1;
    right[step] = (right[step] ?? 0) + (rights[at] ?? 0);
  }
  for (let step = STEPS - 1; step >= 0; step--) {
    all[step] = (all[step] ?? 0) + (all[step + 1] ?? 0);
    right[step] = (right[step] ?? 0) + (right[step + 1] ?? 0);
  }
  return { all, right };
}

function middle95(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return { low: at(0.025), high: at(0.975) };
}
