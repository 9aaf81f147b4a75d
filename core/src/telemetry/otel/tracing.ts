import type { ExportResult } from '@opentelemetry/core';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../log.ts';
import type { Tracer } from '../tracer.port.ts';
import { ExportFailures } from './export-failures.ts';
import { OtelTracer } from './otel-tracer.ts';
import { spanExporter, type OtlpTarget } from './otlp-exporters.ts';
import { RandomIds } from './random-ids.ts';
import { resource } from './resource.ts';

/** Spans that wait for the collector; past it new ones are dropped. Some 1 KB each. */
const MAX_WAITING = 4_096;
const BATCH = 512;
/** How long a span waits for its batch to fill. */
const DELAY_MS = 2_000;
const EXPORT_MS = 10_000;

/** What of the settings bears on traces. */
export interface TracingSettings extends OtlpTarget {
  /** Of the traces that no caller decides about, from 0 to 1. */
  readonly sampleRatio: number;
  /** Of those, at most so many a second. */
  readonly tracesPerSecond: number;
}

/** A tracer, and what lies behind it. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is left. Never throws; takes as long as the collector does. */
  close(): Promise<void>;
}

/** Traces that are sent by OTLP in batches, behind the requests and never in their way. */
export async function createTracing(settings: TracingSettings, log: Logger): Promise<Tracing> {
  const failures = new ExportFailures(log, 'spans');
  // The processor's own queue, counted here: it drops without a word.
  let waiting = 0;
  const exporter = reporting(await spanExporter(settings), failures, (leaving) => (waiting -= leaving));
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: MAX_WAITING,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: DELAY_MS,
    exportTimeoutMillis: EXPORT_MS,
  });
  const origin = {
    resource: resource(),
    ids: new RandomIds(),
    take: (span: ReadableSpan): void => {
      if (waiting >= MAX_WAITING) return failures.drop();
      waiting += 1;
      processor.onEnd(span);
    },
  };
  return {
    tracer: new OtelTracer(origin, { ratio: settings.sampleRatio, perSecond: settings.tracesPerSecond }),
    close: () => processor.shutdown().catch(() => undefined),
  };
}

function reporting(exporter: SpanExporter, failures: ExportFailures, onLeave: (spans: number) => void): SpanExporter {
  return {
    export: (spans: ReadableSpan[], done: (result: ExportResult) => void) => {
      onLeave(spans.length);
      exporter.export(spans, (result) => {
        failures.note(result, spans.length);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
