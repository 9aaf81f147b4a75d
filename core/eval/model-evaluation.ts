import { basename, dirname } from 'node:path';
import type { ModelFolder } from '../src/l1b-semantic-cache/adapters/model-folder.ts';
import { ineligibleText } from '../src/l1b-semantic-cache/eligibility.ts';
import { probabilityOf, type Head } from '../src/l1b-semantic-cache/verifier/head.ts';
import {
  figuresAt,
  figuresAtRecall,
  precisionIntervals,
  type Interval,
  type OperatingFigures,
  type Scored,
} from './measures.ts';
import type { Pair } from './pairs.ts';
import { readCalibration, type Calibration } from './calibration.ts';
import { scorePairs, type ScoredPair } from './scored-pairs.ts';
import { readSuite, SUITES, type SuiteName } from './suites/read-suite.ts';

/** How much of the verifier decides. */
const VARIANTS = ['cosine', 'guard', 'verifier'] as const;
type Variant = (typeof VARIANTS)[number];
const RECALLS = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5] as const;

/** A point of a curve. */
export interface CurvePoint extends OperatingFigures {
  readonly wantedRecall: number;
  readonly interval: Interval | undefined;
}

export interface ModelEvaluation {
  readonly model: string;
  readonly pairs: number;
  readonly same: number;
  /** A recall that a variant never reaches is left out. */
  readonly curves: Readonly<Partial<Record<Variant, readonly CurvePoint[]>>>;
  /** The named points: the pairs, and which share of each suite hits there. */
  readonly points: readonly PointFigures[];
}

interface PointFigures extends OperatingFigures {
  readonly name: string;
  readonly suites: Readonly<Record<SuiteName, number>>;
}

/** Judges pairs and suites by one model. */
export async function evaluateModel(
  folder: ModelFolder,
  pairs: readonly Pair[],
  tell: (done: number, all: number) => void,
): Promise<ModelEvaluation> {
  const name = basename(dirname(folder.modelFile));
  const calibration = readCalibration(name);
  const scored = await scorePairs(pairs, folder, tell);
  const variants = VARIANTS.filter((variant) => variant !== 'verifier' || calibration !== undefined);
  const curves = variants.map((variant) => {
    const judged = pairs.map(({ same }, at) => ({ same, score: scoreOf(scored[at], variant, calibration?.head) }));
    return [variant, curveOf(judged)] as const;
  });
  const points = calibration === undefined ? [] : await pointsOf(calibration);
  return {
    model: `${name}/${basename(folder.modelFile)}`,
    pairs: pairs.length,
    same: pairs.filter(({ same }) => same).length,
    curves: Object.fromEntries(curves),
    points,
  };

  async function pointsOf({ head, points, threshold }: Calibration): Promise<readonly PointFigures[]> {
    const suites = new Map<SuiteName, readonly ScoredPair[]>();
    for (const name of SUITES) suites.set(name, await scorePairs(readSuite(name), folder, tell));
    const judged = pairs.map(({ same }, at) => ({ same, score: servedScore(scored[at], head, threshold) }));
    return Object.entries(points).map(([name, least]) => ({
      name,
      ...figuresAt(judged, least),
      suites: {
        flip: hitRate('flip', least),
        benign: hitRate('benign', least),
        attacks: hitRate('attacks', least),
      },
    }));

    function hitRate(name: SuiteName, least: number): number {
      const all = readSuite(name);
      const hits = (suites.get(name) ?? []).filter((pair, at) => {
        const texts = all[at];
        // What is not stored is never served.
        if (name === 'attacks' && texts !== undefined && ineligibleText(texts.a) !== undefined) return false;
        return servedScore(pair, head, threshold) >= least;
      });
      return hits.length / all.length;
    }
  }
}

/** As served: the cosine must reach its threshold, no rule may object, and the head decides. */
function servedScore(pair: ScoredPair | undefined, head: Head, threshold: number): number {
  if (pair?.cosine === undefined || pair.cosine < threshold) return Number.NEGATIVE_INFINITY;
  return scoreOf(pair, 'verifier', head);
}

function scoreOf(pair: ScoredPair | undefined, variant: Variant, head: Head | undefined): number {
  if (pair?.cosine === undefined || pair.features === undefined) return Number.NEGATIVE_INFINITY;
  if (variant === 'cosine') return pair.cosine;
  if (pair.guard !== undefined) return Number.NEGATIVE_INFINITY;
  return variant === 'guard' || head === undefined ? pair.cosine : probabilityOf(head, pair.features);
}

function curveOf(judged: readonly Scored[]): readonly CurvePoint[] {
  const intervals = precisionIntervals(judged, RECALLS);
  return RECALLS.flatMap((wantedRecall, at) => {
    const figures = figuresAtRecall(judged, wantedRecall);
    return figures === undefined ? [] : [{ wantedRecall, ...figures, interval: intervals[at] }];
  });
}
