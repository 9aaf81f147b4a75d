import { describe, expect, it } from 'vitest';
import type { Measurement } from './measure.ts';
import { percentile } from './percentile.ts';
import { reportTable } from './report-table.ts';
import { reportOf } from './report.ts';

const at = (layer: string, ms: number, rest: Partial<Measurement> = {}): Measurement => ({
  layer,
  edge: layer === 'l1a' ? 'hit' : 'miss',
  deflected: layer === 'l1a',
  stream: false,
  ms,
  usage: { input: 1_000_000, output: 1_000_000 },
  ...rest,
});

describe('a percentile', () => {
  it.each([
    [[], 0.5, undefined],
    [[7], 0.95, 7],
    [[1, 2, 3, 4], 0.5, 2],
    [Array.from({ length: 100 }, (_, index) => 100 - index), 0.95, 95],
    [[9, 100, 10], 1, 100],
  ])('of %j at %d is one of the values', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });
});

describe('the report', () => {
  const measurements = [
    at('l3', 50),
    at('l3', 150, { stream: true }),
    at('l1a', 2),
    at('none', 1, { error: 'boom', usage: undefined }),
  ];
  const report = reportOf(measurements, { model: 'gpt-4o-mini', asIf: true }, 1.5);

  it('counts failures apart and prices what was not asked of the cloud', () => {
    expect(report).toMatchObject({
      requests: 4,
      failed: 1,
      streams: 1,
      edgeHits: 1,
      deflectedShare: 1 / 3,
      tokensNotSpent: { input: 1_000_000, output: 1_000_000 },
      layers: [
        { layer: 'l1a', requests: 1, p50Ms: 2, p95Ms: 2 },
        { layer: 'l3', requests: 2, p50Ms: 50, p95Ms: 150 },
      ],
    });
    expect(report.usdNotSpent).toBeCloseTo(0.75);
    expect(report.usdSpent).toBeCloseTo(1.5);
  });

  it('is a table that says what is an estimate', () => {
    const table = reportTable(report);
    expect(table).toContain('layer  answered by  requests   share     p50     p95');
    expect(table).toContain('l1a    exact cache         1  33.3 %  2.0 ms  2.0 ms');
    expect(table).toContain('l3     cloud               2  66.7 %   50 ms  150 ms');
    expect(table).toContain('(estimate: as if the model were gpt-4o-mini, list prices as of ');
  });

  it('of nothing has no figures that are not numbers', () => {
    expect(reportTable(reportOf([], { model: 'm', asIf: false }, 0))).not.toContain('NaN');
  });
});
