import type { ExportResult } from '@opentelemetry/core';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../log.ts';
import type { Tracer } from '../tracer.port.ts';
import { ExportFailures } from './export-failures.ts';
import { OtelTracer } from './otel-tracer.ts';
import { spanExporter, type OtlpTarget } from './otlp-exporters.ts';
import { resource } from './resource.ts';

/** Spans that wait for the collector; past it new ones are dropped. Some 2 KB each. */
const MAX_WAITING = 4_096;
const BATCH = 512;
/** How long a span waits for its batch to fill. */
const DELAY_MS = 2_000;
const EXPORT_MS = 10_000;
/** A span's attributes are words of ours and names from the configuration: more is a fault. */
const MAX_VALUE = 256;

/** What of the settings bears on traces. */
export interface TracingSettings extends OtlpTarget {
  /** Of the traces that no caller decides about, from 0 to 1. */
  readonly sampleRatio: number;
}

/** A tracer, and what lies behind it. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is left. Never throws; takes as long as the collector does. */
  close(): Promise<void>;
}

/** Traces that are sent by OTLP in batches, behind the requests and never in their way. */
export async function createTracing(settings: TracingSettings, log: Logger): Promise<Tracing> {
  const exporter = reporting(await spanExporter(settings), new ExportFailures(log, 'spans'));
  const provider = new TracerProvider({
    resource: resource(),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.sampleRatio) }),
    spanLimits: { attributeValueLengthLimit: MAX_VALUE, attributeCountLimit: 32 },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: MAX_WAITING,
        maxExportBatchSize: BATCH,
        scheduledDelayMillis: DELAY_MS,
        exportTimeoutMillis: EXPORT_MS,
      }),
    ],
  });
  return {
    tracer: new OtelTracer(provider.getTracer('isartor')),
    close: () => provider.shutdown().catch(() => undefined),
  };
}

function reporting(exporter: SpanExporter, failures: ExportFailures): SpanExporter {
  return {
    export: (spans: ReadableSpan[], done: (result: ExportResult) => void) => {
      exporter.export(spans, (result) => {
        failures.note(result, spans.length);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
