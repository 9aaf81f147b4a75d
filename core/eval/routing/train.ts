/**
 * Trains the head that ships: `node --conditions=isartor-source eval/routing/train.ts DATA OUT`, in `core`. Deterministic:
 * the same data give the same file.
 */
import { writeFileSync } from 'node:fs';
import { PROMPT_FEATURES } from '../../src/l2-small-model/decide/prompt-features.ts';
import { calibrated, crossFitted, fitted } from './cross-fit.ts';
import { readRoutedPrompts } from './routed-prompts.ts';
import { featureRows } from './strategies.ts';

const [data, out] = process.argv.slice(2);
if (data === undefined || out === undefined) throw new Error('usage: train.ts DATA OUT');
const prompts = readRoutedPrompts(data);
const rows = featureRows(prompts);
const examples = prompts.map(({ subject, smallIsRight }, at) => ({
  subject,
  row: rows[at] ?? new Float64Array(),
  label: smallIsRight,
}));
const calibration = calibrated(
  crossFitted(examples),
  examples.map(({ label }) => label),
);
const { mean, deviation, weights, bias } = fitted(examples);
const rounded = (value: number): number => Number(value.toPrecision(6));
const head = {
  version: 1,
  features: PROMPT_FEATURES,
  mean: mean.map(rounded),
  deviation: deviation.map(rounded),
  weights: weights.map(rounded),
  bias: rounded(bias),
  calibration: { slope: rounded(calibration.slope), shift: rounded(calibration.shift) },
};
writeFileSync(out, `${JSON.stringify(head, null, 2)}\n`);
