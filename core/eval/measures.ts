/** A judged pair: how surely it hits (-Infinity: never), and whether a hit is right. */
export interface Scored {
  readonly score: number;
  readonly same: boolean;
}

/** What hits at one threshold. `falseHits`: share of the hits that are wrong, 1 - precision. */
export interface OperatingFigures {
  readonly threshold: number;
  readonly hits: number;
  readonly precision: number;
  readonly falseHits: number;
  readonly recall: number;
}

/** An interval that holds 95 % of what samples of the same size would show. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

const SAMPLES = 300;
const SEED = 20_241;

/** The figures of all pairs whose score is `threshold` at least. */
export function figuresAt(pairs: readonly Scored[], threshold: number): OperatingFigures {
  const hits = pairs.filter(({ score }) => score >= threshold);
  const right = hits.filter(({ same }) => same).length;
  const all = pairs.filter(({ same }) => same).length;
  const precision = hits.length === 0 ? 1 : right / hits.length;
  return { threshold, hits: hits.length, precision, falseHits: 1 - precision, recall: all === 0 ? 0 : right / all };
}

/** The highest threshold with at least this recall; undefined where no threshold has it. */
export function thresholdAtRecall(pairs: readonly Scored[], recall: number): number | undefined {
  const all = pairs.filter(({ same }) => same).length;
  let right = 0;
  for (const { score, same } of pairs.toSorted((a, b) => b.score - a.score)) {
    if (score === Number.NEGATIVE_INFINITY) return undefined;
    if (same) right += 1;
    if (right >= recall * all && all > 0) return score;
  }
  return undefined;
}

/** The figures at the highest threshold with at least this recall. */
export function figuresAtRecall(pairs: readonly Scored[], recall: number): OperatingFigures | undefined {
  const threshold = thresholdAtRecall(pairs, recall);
  return threshold === undefined ? undefined : figuresAt(pairs, threshold);
}

/** Precision's interval at each recall, by drawing the pairs anew; the draws are the same in every run. */
export function precisionIntervals(pairs: readonly Scored[], recalls: readonly number[]): (Interval | undefined)[] {
  const random = mulberry32(SEED);
  const sorted = pairs.toSorted((a, b) => b.score - a.score);
  const found: number[][] = recalls.map(() => []);
  for (let sample = 0; sample < SAMPLES; sample++) {
    const times = new Uint16Array(sorted.length);
    for (let i = 0; i < sorted.length; i++) {
      const at = Math.floor(random() * sorted.length);
      times[at] = (times[at] ?? 0) + 1;
    }
    for (const [i, precision] of precisionsAt(sorted, times, recalls).entries()) {
      if (precision !== undefined) found[i]?.push(precision);
    }
  }
  return found.map((precisions) => {
    // Where many samples do not reach the recall, what the others show is no interval.
    if (precisions.length < SAMPLES / 2) return undefined;
    const ordered = precisions.toSorted((a, b) => a - b);
    const at = (share: number) => ordered[Math.floor(share * (ordered.length - 1))] ?? 0;
    return { low: at(0.025), high: at(0.975) };
  });
}

/** Precision where each recall is first reached, of pairs in the order of their score, each counted so many times. */
function precisionsAt(sorted: readonly Scored[], times: Uint16Array, recalls: readonly number[]) {
  const all = sorted.reduce((sum, { same }, at) => sum + (same ? (times[at] ?? 0) : 0), 0);
  const precisions = recalls.map((): number | undefined => undefined);
  let [hits, right, next] = [0, 0, 0];
  for (const [at, { score, same }] of sorted.entries()) {
    if (score === Number.NEGATIVE_INFINITY) break;
    hits += times[at] ?? 0;
    if (same) right += times[at] ?? 0;
    for (; next < recalls.length && isReached(recalls[next] ?? 1, right, all); next++) precisions[next] = right / hits;
  }
  return precisions;
}

function isReached(recall: number, right: number, all: number): boolean {
  return right > 0 && right >= recall * all;
}

/** Upper end of Wilson's 95 % interval (one-sided) of a share. */
export function upperBound(wrong: number, all: number): number {
  if (all === 0) return 1;
  const z = 1.645;
  const share = wrong / all;
  const centre = share + (z * z) / (2 * all);
  const spread = z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all));
  return (centre + spread) / (1 + (z * z) / all);
}

/** A small generator of random numbers that gives the same ones for a seed everywhere. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
