import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

/** Where telemetry is sent, and how. */
export interface OtlpTarget {
  /** Address of the collector, without a slash at its end. */
  readonly otelEndpoint: string;
  readonly otelProtocol: 'grpc' | 'http/protobuf';
  readonly otelHeaders: Readonly<Record<string, string>>;
}

/** Longest that a collector may take for one batch. */
const TIMEOUT_MS = 10_000;
/** Batches that may be under way: at the end all that wait leave at once. */
const CONCURRENCY = 10;

const BOUNDS = { timeoutMillis: TIMEOUT_MS, concurrencyLimit: CONCURRENCY };

/** Sends spans by OTLP. Loaded on demand: who sends nothing pays nothing for gRPC and protobuf. */
export async function spanExporter(target: OtlpTarget): Promise<SpanExporter> {
  if (target.otelProtocol === 'grpc') {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
    return new OTLPTraceExporter(await grpcOptions(target));
  }
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter(httpOptions(target, '/v1/traces'));
}

/** Sends metrics by OTLP. */
export async function metricExporter(target: OtlpTarget): Promise<PushMetricExporter> {
  if (target.otelProtocol === 'grpc') {
    const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-grpc');
    return new OTLPMetricExporter(await grpcOptions(target));
  }
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto');
  return new OTLPMetricExporter(httpOptions(target, '/v1/metrics'));
}

async function grpcOptions({ otelEndpoint, otelHeaders }: OtlpTarget) {
  const { Metadata } = await import('@grpc/grpc-js');
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(otelHeaders)) metadata.set(name, value);
  return { ...BOUNDS, url: otelEndpoint, metadata };
}

function httpOptions({ otelEndpoint, otelHeaders }: OtlpTarget, path: string) {
  return { ...BOUNDS, url: otelEndpoint + path, headers: { ...otelHeaders } };
}
