import { columns } from '../stack/columns.ts';
import type { DemoReport } from './report.ts';

const MEANING: Readonly<Record<string, string>> = {
  l0: 'refused',
  l1a: 'exact cache',
  l1b: 'semantic cache',
  l2: 'small model',
  l3: 'cloud',
};

/** The report for a terminal: a table of the layers and what was not spent. */
export function reportTable(report: DemoReport): string {
  const rows = report.layers.map((one) => [
    one.layer,
    MEANING[one.layer] ?? '',
    String(one.requests),
    percent(one.share),
    milliseconds(one.p50Ms),
    milliseconds(one.p95Ms),
  ]);
  const head = ['layer', 'answered by', 'requests', 'share', 'p50', 'p95'];
  const { input, output } = report.tokensNotSpent;
  const model = report.asIf ? `as if the model were ${report.pricedAs}` : report.pricedAs;
  return [
    '',
    ...columns([head, ...rows]),
    '',
    `${report.requests} requests in ${report.seconds.toFixed(1)} s, ${report.streams} of them streams; ${report.failed} failed`,
    `${percent(report.deflectedShare)} answered before the cloud, ${report.edgeHits} at the edge`,
    `tokens not spent: ${count(input)} in, ${count(output)} out`,
    `money not spent: $${report.usdNotSpent.toFixed(6)} of $${(report.usdNotSpent + report.usdSpent).toFixed(6)}` +
      ` (estimate: ${model}, list prices as of ${report.pricesAsOf})`,
    '',
  ].join('\n');
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const milliseconds = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
const count = (value: number): string => value.toLocaleString('en-US');
