import type { MetricAttributes, ObservableResult } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, type CollectionResult, type MetricProducer } from '@opentelemetry/sdk-metrics';
import { HistogramTally } from './histogram-tally.ts';
import type { MetricPush } from './otel/metric-push.ts';
import { Tally } from './tally.ts';

/** A gauge's figures, asked for at each reading. */
export type Observe = (tell: (value: number, labels?: MetricAttributes) => void) => void;

/** The meters of this process: read as text by Prometheus, and pushed by OTLP where that is wanted. */
export class Instruments implements MetricProducer {
  private readonly histograms: HistogramTally[] = [];
  private readonly reader = new PrometheusExporter({ preventServerStart: true });
  /** No prefix, no time stamps, no labels of the resource, no target_info, no scope: a pod's labels come with the scrape. */
  private readonly serializer = new PrometheusSerializer('', false, undefined, true, true);
  private readonly provider: MeterProvider;

  constructor(push?: MetricPush) {
    this.provider = new MeterProvider(
      push === undefined
        ? { readers: [this.reader] }
        : { readers: [this.reader, push.readerWith(this)], resource: push.resource },
    );
  }

  counter(name: string, description: string): Tally {
    const tally = new Tally();
    const counter = this.meter.createObservableCounter(name, { description });
    counter.addCallback((result) => {
      for (const { labels, count } of tally.values()) result.observe(count, labels);
    });
    return tally;
  }

  /** A counter that is kept elsewhere. */
  total(name: string, description: string, read: () => number): void {
    const counter = this.meter.createObservableCounter(name, { description });
    counter.addCallback((result) => result.observe(read()));
  }

  /** `bounds`: see HistogramTally. */
  histogram(name: string, description: string, bounds: readonly number[], unit?: string): HistogramTally {
    const tally = new HistogramTally(name, description, bounds, unit);
    this.histograms.push(tally);
    return tally;
  }

  gauge(name: string, description: string, observe: Observe): void {
    const gauge = this.meter.createObservableGauge(name, { description });
    gauge.addCallback((result: ObservableResult) => observe((value, labels) => result.observe(value, labels)));
  }

  /** All figures as Prometheus reads them (text format 0.0.4). */
  async text(): Promise<string> {
    const { resourceMetrics } = await this.reader.collect();
    const scopeMetrics = [...resourceMetrics.scopeMetrics, this.histogramMetrics()];
    return this.serializer.serialize({ ...resourceMetrics, scopeMetrics });
  }

  /** The histograms, which are not the SDK's own (see HistogramTally), for who pushes. */
  collect(): Promise<CollectionResult> {
    const scopeMetrics = [this.histogramMetrics()];
    // The reader takes the resource of the SDK's own metrics.
    return Promise.resolve({ resourceMetrics: { resource: NO_RESOURCE, scopeMetrics }, errors: [] });
  }

  /** Pushes what there is. */
  async stop(): Promise<void> {
    await this.provider.shutdown();
  }

  private get meter() {
    return this.provider.getMeter(SCOPE);
  }

  private histogramMetrics() {
    return { scope: { name: SCOPE }, metrics: this.histograms.map((tally) => tally.data()) };
  }
}

const SCOPE = 'isartor';
const NO_RESOURCE: CollectionResult['resourceMetrics']['resource'] = {
  attributes: {},
  merge: (other) => other ?? NO_RESOURCE,
  getRawAttributes: () => [],
};
