import type { ExportResult } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import {
  PeriodicExportingMetricReader,
  type MetricProducer,
  type MetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { Logger } from '../log.ts';
import { ExportFailures } from './export-failures.ts';
import { metricExporter, type OtlpTarget } from './otlp-exporters.ts';
import { resource } from './resource.ts';

/** How often all figures are sent. */
const EVERY_MS = 15_000;
const TIMEOUT_MS = 10_000;

/** How metrics are sent of their own accord. */
export interface MetricPush {
  readonly resource: Resource;
  /** What sends them, those of `producer` among them. */
  readerWith(producer: MetricProducer): MetricReader;
}

/** Metrics by OTLP, every 15 seconds. */
export async function metricPush(target: OtlpTarget, log: Logger): Promise<MetricPush> {
  const exporter = reporting(await metricExporter(target), new ExportFailures(log, 'metrics'));
  return {
    resource: resource(),
    readerWith: (producer) =>
      new PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis: EVERY_MS,
        exportTimeoutMillis: TIMEOUT_MS,
        metricProducers: [producer],
      }),
  };
}

function reporting(exporter: PushMetricExporter, failures: ExportFailures): PushMetricExporter {
  return {
    export: (metrics: ResourceMetrics, done: (result: ExportResult) => void) => {
      exporter.export(metrics, (result) => {
        failures.note(result, 1);
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}
