import { ValueType, type HrTime } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type HistogramMetricData } from '@opentelemetry/sdk-metrics';
import type { Labels } from './tally.ts';

interface Series {
  readonly labels: Labels;
  /** Of each bucket; the last is of what is above every bound. */
  readonly counts: number[];
  sum: number;
}

/**
 * A histogram by labels in plain numbers, for the reason that Tally gives: an instrument of the OpenTelemetry SDK
 * sorts and serialises its labels each time. The data that it gives are the SDK's own, cumulative.
 */
export class HistogramTally {
  private readonly series = new Map<string, Series>();
  private readonly startTime: HrTime = hrTimeOf(Date.now());

  /** `bounds`: upper bounds of the buckets, ascending, in the unit (as UCUM writes it; '': it is in the name). */
  constructor(
    private readonly name: string,
    private readonly description: string,
    private readonly bounds: readonly number[],
    private readonly unit = '',
  ) {}

  /** `key` names the series; `labels` is only asked when the series is new. */
  record(key: string, labels: () => Labels, value: number): void {
    let series = this.series.get(key);
    if (series === undefined) {
      series = { labels: labels(), counts: Array.from({ length: this.bounds.length + 1 }, () => 0), sum: 0 };
      this.series.set(key, series);
    }
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? 0)) bucket += 1;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += value;
  }

  /** What was recorded so far. */
  data(): HistogramMetricData {
    const endTime = hrTimeOf(Date.now());
    return {
      descriptor: { name: this.name, description: this.description, unit: this.unit, valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: [...this.series.values()].map(({ labels, counts, sum }) => ({
        startTime: this.startTime,
        endTime,
        attributes: labels,
        value: {
          buckets: { boundaries: [...this.bounds], counts: [...counts] },
          sum,
          count: counts.reduce((total, count) => total + count, 0),
        },
      })),
    };
  }
}

function hrTimeOf(ms: number): HrTime {
  return [Math.trunc(ms / 1_000), (ms % 1_000) * 1_000_000];
}
