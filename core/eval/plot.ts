import type { ModelEvaluation } from './model-evaluation.ts';

const WIDTH = 720;
const HEIGHT = 440;
const LEFT = 60;
const BOTTOM = 50;
const TOP = 20;
const RIGHT = 220;
/** The part of the scale that is looked at. */
const MOST_RECALL = 0.5;
const LEAST_PRECISION = 0.6;
const COLOURS = ['#1b6ca8', '#c0392b', '#2e8b57', '#8e44ad', '#d68910', '#5d6d7e'] as const;

/** Precision against recall of all curves, as an SVG picture. */
export function plot(evaluations: readonly ModelEvaluation[]): string {
  const curves = evaluations.flatMap(({ model, curves }) =>
    Object.entries(curves).map(([variant, points]) => ({ name: `${model}, ${variant}`, points })),
  );
  const lines = curves.map(({ name, points }, at) => {
    const colour = COLOURS[at % COLOURS.length] ?? 'black';
    const path = points.map(({ recall, precision }) => `${x(recall)},${y(precision)}`).join(' ');
    const label = `<text x="${WIDTH - RIGHT + 10}" y="${TOP + 16 + 18 * at}" fill="${colour}">${escaped(name)}</text>`;
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${label}`;
  });
  const ticks = [0, 0.1, 0.2, 0.3, 0.4, 0.5].map(
    (recall) => `<text x="${x(recall)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${recall}</text>`,
  );
  const levels = [0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1].map(
    (precision) =>
      `<text x="${LEFT - 8}" y="${y(precision) + 4}" text-anchor="end">${precision}</text>` +
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(precision)}" y2="${y(precision)}" stroke="#ddd"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...levels,
    ...ticks,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">recall</text>`,
    `<text x="14" y="${HEIGHT / 2}" transform="rotate(-90 14 ${HEIGHT / 2})" text-anchor="middle">precision</text>`,
    ...lines,
    '</svg>\n',
  ].join('\n');
}

function x(recall: number): number {
  return Math.round(LEFT + (Math.min(recall, MOST_RECALL) / MOST_RECALL) * (WIDTH - LEFT - RIGHT));
}

function y(precision: number): number {
  const share = (Math.max(precision, LEAST_PRECISION) - LEAST_PRECISION) / (1 - LEAST_PRECISION);
  return Math.round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
