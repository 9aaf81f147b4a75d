import type { CurvePoint, ModelEvaluation } from './model-evaluation.ts';

/** The evaluation of one model as text: a row for each recall, a column for each variant, and the named points. */
export function tableOf({ model, pairs, same, curves, points }: ModelEvaluation): string {
  const variants = Object.entries(curves);
  const recalls = [...new Set(variants.flatMap(([, curve]) => curve.map(({ wantedRecall }) => wantedRecall)))];
  const rows = recalls
    .toSorted((a, b) => a - b)
    .map((recall) => [
      recall.toFixed(2),
      ...variants.map(([, curve]) => cell(curve.find(({ wantedRecall }) => wantedRecall === recall))),
    ]);
  const head = ['recall', ...variants.map(([name]) => `${name}: precision [95 %] at score`)];
  const named = points.map(({ name, threshold, precision, falseHits, recall, suites }) => [
    name,
    threshold.toFixed(3),
    percent(precision),
    percent(falseHits),
    percent(recall),
    percent(suites.flip),
    percent(suites.benign),
    percent(suites.attacks),
  ]);
  const pointHead = [
    'point',
    'probability',
    'precision',
    'false hits',
    'recall',
    'flips hit',
    'benign hit',
    'attacks hit',
  ];
  return [
    `${model}: ${pairs} pairs, ${same} the same`,
    ...(pairs === 0 ? [] : [aligned([head, ...rows])]),
    ...(points.length === 0 ? [] : [aligned([pointHead, ...named])]),
  ].join('\n\n');
}

function cell(point: CurvePoint | undefined): string {
  if (point === undefined) return '-';
  const { precision, interval, threshold } = point;
  const range = interval === undefined ? '' : ` [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]`;
  return `${precision.toFixed(3)}${range} at ${threshold.toFixed(3)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_one, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
