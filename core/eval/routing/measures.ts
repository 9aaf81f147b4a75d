import { mulberry32 } from '../measures.ts';

/** A prompt with the probability that the small model is right. */
export interface Judged {
  readonly subject: string;
  readonly smallIsRight: boolean;
  readonly largeIsRight: boolean;
  readonly probability: number;
}

/** A point of a curve. */
export interface CurvePoint {
  /** Share of the prompts that the large model answers. */
  readonly largeShare: number;
  /** Share of all prompts that are answered rightly then. */
  readonly quality: number;
}

/** What a strategy's order of the prompts comes to. */
export interface Figures {
  /**
   * Average share of the gap between the small and the large model that is recovered, over all shares of large calls;
   * 0.5 for a random order (RouteLLM, https://arxiv.org/abs/2406.18665).
   */
  readonly apgr: number;
  /** Least share of large calls with which 95 % of the large model's accuracy are reached. */
  readonly largeShareFor95: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const TARGET = 0.95;
const DRAWS = 300;
const SEED = 7;

/** Quality after each prompt that goes to the large model, the least probable first; with none, to all of them. */
function qualities(judged: readonly Judged[]): Float64Array {
  const order = judged.toSorted((a, b) => a.probability - b.probability);
  const after = new Float64Array(order.length + 1);
  let right = order.filter(({ smallIsRight }) => smallIsRight).length;
  after[0] = right / order.length;
  for (const [at, { smallIsRight, largeIsRight }] of order.entries()) {
    right += Number(largeIsRight) - Number(smallIsRight);
    after[at + 1] = right / order.length;
  }
  return after;
}

export function figuresOf(judged: readonly Judged[]): Figures {
  const after = qualities(judged);
  const [small, large] = [after[0] ?? 0, after.at(-1) ?? 0];
  const mean = after.reduce((sum, quality) => sum + quality, 0) / after.length;
  const enough = after.findIndex((quality) => quality >= TARGET * large);
  return { apgr: (mean - small) / (large - small), largeShareFor95: enough / judged.length };
}

/** The curve at every twentieth of the prompts. */
export function curveOf(judged: readonly Judged[]): readonly CurvePoint[] {
  const after = qualities(judged);
  return Array.from({ length: 21 }, (_, at) => {
    const largeShare = at / 20;
    return { largeShare, quality: after[Math.round(largeShare * judged.length)] ?? 0 };
  });
}

/** 95 % intervals by drawing whole subjects with replacement: prompts of one subject are alike. */
export function intervalsOf(judged: readonly Judged[]): Readonly<Record<keyof Figures, Interval>> {
  const subjects = [...Map.groupBy(judged, ({ subject }) => subject).values()];
  const random = mulberry32(SEED);
  const drawn = Array.from({ length: DRAWS }, () =>
    figuresOf(subjects.flatMap(() => subjects[Math.floor(random() * subjects.length)] ?? [])),
  );
  return {
    apgr: middle95(drawn.map(({ apgr }) => apgr)),
    largeShareFor95: middle95(drawn.map(({ largeShareFor95 }) => largeShareFor95)),
  };
}

/** Mean distance between the probability told and the share that was right, over tenths of the prompts by probability. */
export function calibrationError(judged: readonly Judged[]): number {
  const order = judged.toSorted((a, b) => a.probability - b.probability);
  const size = Math.ceil(order.length / 10);
  let error = 0;
  for (let from = 0; from < order.length; from += size) {
    const bin = order.slice(from, from + size);
    const told = bin.reduce((sum, { probability }) => sum + probability, 0);
    error += Math.abs(told - bin.filter(({ smallIsRight }) => smallIsRight).length);
  }
  return error / order.length;
}

function middle95(values: readonly number[]): Interval {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return { low: at(0.025), high: at(0.975) };
}
