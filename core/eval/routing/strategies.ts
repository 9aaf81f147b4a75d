import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { readModelFolder } from '../../src/l1b-semantic-cache/adapters/model-folder.ts';
import { promptFeatures } from '../../src/l2-small-model/decide/prompt-features.ts';
import { crossFitted } from './cross-fit.ts';
import {
  calibrationError,
  curveOf,
  figuresOf,
  intervalsOf,
  type CurvePoint,
  type Figures,
  type Interval,
  type Judged,
} from './measures.ts';
import { promptVectors } from './prompt-vectors.ts';
import type { RoutedPrompt } from './routed-prompts.ts';

/** What a strategy comes to on subjects that it has not seen. */
export interface StrategyReport extends Figures {
  readonly name: string;
  readonly intervals: Readonly<Record<keyof Figures, Interval>>;
  /** Undefined where it tells no probability. */
  readonly calibrationError: number | undefined;
  readonly curve: readonly CurvePoint[];
}

/** What a head sees of each prompt. */
interface Seen {
  readonly name: string;
  readonly rows: readonly Float64Array[];
}

/** The head that ships: features alone. */
export function featureRows(prompts: readonly RoutedPrompt[]): readonly Float64Array[] {
  return prompts.map(({ prompt }) => Float64Array.from(promptFeatures({ text: prompt, turns: 1 })));
}

/** Judges every strategy that asks no model server; a model folder that is not there is passed over, and said. */
export async function evaluateStrategies(
  prompts: readonly RoutedPrompt[],
  modelDirs: readonly string[],
  tell: (text: string) => void,
): Promise<readonly StrategyReport[]> {
  const features = featureRows(prompts);
  const reports = [reportOf(prompts, { name: 'features', rows: features })];
  for (const dir of modelDirs) {
    if (!existsSync(dir)) {
      tell(`SKIPPED: there is no ${dir}\n`);
      continue;
    }
    const name = basename(dir);
    const texts = prompts.map(({ prompt }) => prompt);
    const vectors = await promptVectors(texts, readModelFolder(dir), (done, all) =>
      tell(`\r${name}: ${done}/${all} texts `),
    );
    const width = vectors.find((vector) => vector !== undefined)?.length ?? 0;
    const rows = vectors.map((vector) => Float64Array.from(vector ?? new Float32Array(width)));
    const both = rows.map((row, at) => Float64Array.of(...row, ...(features[at] ?? [])));
    reports.push(reportOf(prompts, { name: `embedding of ${name}`, rows }));
    reports.push(reportOf(prompts, { name: `embedding of ${name}, and features`, rows: both }));
  }
  return [randomReport(prompts), ...reports];
}

function reportOf(prompts: readonly RoutedPrompt[], { name, rows }: Seen): StrategyReport {
  const examples = prompts.map(({ subject, smallIsRight }, at) => ({
    subject,
    row: rows[at] ?? new Float64Array(),
    label: smallIsRight,
  }));
  const logits = crossFitted(examples);
  const judged = prompts.map((prompt, at): Judged => ({
    ...prompt,
    probability: 1 / (1 + Math.exp(-(logits[at] ?? 0))),
  }));
  return {
    name,
    ...figuresOf(judged),
    intervals: intervalsOf(judged),
    calibrationError: calibrationError(judged),
    curve: curveOf(judged),
  };
}

/** A random order as it is on average: a straight line, to which no draw need be made. */
function randomReport(prompts: readonly RoutedPrompt[]): StrategyReport {
  const small = prompts.filter(({ smallIsRight }) => smallIsRight).length / prompts.length;
  const large = prompts.filter(({ largeIsRight }) => largeIsRight).length / prompts.length;
  const figures = { apgr: 0.5, largeShareFor95: shareOfRandom(small, large) };
  return {
    name: 'random',
    ...figures,
    intervals: { apgr: exact(figures.apgr), largeShareFor95: exact(figures.largeShareFor95) },
    calibrationError: undefined,
    curve: Array.from({ length: 21 }, (_, at) => ({
      largeShare: at / 20,
      quality: small + (at / 20) * (large - small),
    })),
  };
}

function exact(value: number): Interval {
  return { low: value, high: value };
}

function shareOfRandom(small: number, large: number): number {
  return Math.max(0, (0.95 * large - small) / (large - small));
}
