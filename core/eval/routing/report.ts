import type { Interval } from './measures.ts';
import type { StrategyReport } from './strategies.ts';

const WIDTH = 860;
const HEIGHT = 440;
const LEFT = 60;
const RIGHT = 300;
const TOP = 20;
const BOTTOM = 50;
const COLOURS = ['#888888', '#1b6ca8', '#c0392b', '#8e44ad', '#2e8b57', '#d68910', '#5d6d7e'] as const;

/** The strategies as a table of text. */
export function tableOf(reports: readonly StrategyReport[]): string {
  const rows = reports.map((report) => [
    report.name,
    `${report.apgr.toFixed(3)} ${rangeOf(report.intervals.apgr, (value) => value.toFixed(3))}`,
    `${percent(report.largeShareFor95)} ${rangeOf(report.intervals.largeShareFor95, percent)}`,
    report.calibrationError === undefined ? '-' : percent(report.calibrationError),
  ]);
  const all = [['strategy', 'APGR [95 %]', 'large calls for 95 % [95 %]', 'calibration error'], ...rows];
  const widths = (all[0] ?? []).map((_one, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Quality against the share of large calls, as an SVG picture. */
export function plot(reports: readonly StrategyReport[]): string {
  const qualities = reports.flatMap(({ curve }) => curve.map(({ quality }) => quality));
  const [least, most] = [Math.min(...qualities), Math.max(...qualities)];
  const x = (share: number): number => Math.round(LEFT + share * (WIDTH - LEFT - RIGHT));
  const y = (quality: number): number =>
    Math.round(HEIGHT - BOTTOM - ((quality - least) / (most - least)) * (HEIGHT - TOP - BOTTOM));
  const lines = reports.flatMap(({ name, curve }, at) => {
    const colour = COLOURS[at % COLOURS.length] ?? 'black';
    const points = curve.map(({ largeShare, quality }) => `${x(largeShare)},${y(quality)}`).join(' ');
    const dashes = name === 'random' ? ' stroke-dasharray="6 4"' : '';
    return [
      `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`,
      `<text x="${WIDTH - RIGHT + 12}" y="${TOP + 16 + 18 * at}" fill="${colour}">${name}</text>`,
    ];
  });
  const shares = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
    (share) => `<text x="${x(share)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${percent(share)}</text>`,
  );
  const levels = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const quality = least + part * (most - least);
    return (
      `<text x="${LEFT - 8}" y="${y(quality) + 4}" text-anchor="end">${quality.toFixed(3)}</text>` +
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(quality)}" y2="${y(quality)}" stroke="#ddd"/>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...levels,
    ...shares,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">share of large calls</text>`,
    `<text x="14" y="${HEIGHT / 2}" transform="rotate(-90 14 ${HEIGHT / 2})" text-anchor="middle">answered rightly</text>`,
    ...lines,
    '</svg>\n',
  ].join('\n');
}

function rangeOf({ low, high }: Interval, show: (value: number) => string): string {
  return `[${show(low)}, ${show(high)}]`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
