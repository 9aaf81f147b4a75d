import type { Interval } from '../measures.ts';
import type { BoundFigures, Calibration } from './confidence-bounds.ts';

/** The table shows every twentieth, and from here on every hundredth: most answers are surer than that. */
const FINE_FROM = 0.9;

/** The bounds as a table of text, and which of them to set. */
export function confidenceReport({ answers, wanted, bounds, least, sure }: Calibration): string {
  const shown = bounds.filter(
    ({ bound }, step) => step % 5 === 0 || bound >= FINE_FROM || bound === least || bound === sure,
  );
  const rows = shown.map(rowOf);
  const figures = (bound: number | undefined): BoundFigures | undefined => bounds.find((row) => row.bound === bound);
  return [
    `${answers} answers of the small model`,
    'bound  stays with it [95 %]      right of those [95 %]     at least',
    ...rows,
    `least bound with ${percent(wanted).trim()} right in these answers: ${said(figures(least))}`,
    `least bound at which these answers are enough to say so (layer2.least_confidence): ${said(figures(sure))}`,
  ].join('\n');
}

function rowOf({ bound, share, precision, intervals, precisionAtLeast }: BoundFigures): string {
  const stays = `${bound.toFixed(2)}   ${percent(share)} ${range(intervals.share)}   `;
  return share === 0
    ? `${stays}-`
    : `${stays}${percent(precision)} ${range(intervals.precision)}   ${percent(precisionAtLeast)}`;
}

function said(figures: BoundFigures | undefined): string {
  if (figures === undefined) return 'none';
  const { bound, share, precision, intervals } = figures;
  return (
    `${bound.toFixed(2)} (${percent(precision).trim()} ${range(intervals.precision)} right, ` +
    `${percent(share).trim()} stay with the small model)`
  );
}

function range({ low, high }: Interval): string {
  return `[${percent(low)}, ${percent(high)}]`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`.padStart(7);
}
