import { endpointUrl, hostPort } from '../address-types.ts';
import { headerList } from '../header-list-type.ts';
import { setting } from '../setting.ts';
import { choice, choiceOr, decimalNumber, flag, origins, wholeNumber } from '../value-types.ts';

/** Where the process listens, how it stops, and what it tells. */
export const SERVER_SETTINGS = {
  hostPort: setting({
    path: 'host_port',
    type: hostPort(),
    default: '0.0.0.0:8080',
    doc: 'Where the API listens.',
  }),
  metricsPort: setting({
    path: 'metrics_port',
    type: wholeNumber(0, 65_535),
    default: 9464,
    doc: 'Port of `GET /metrics`, on the same address and never reachable through the ingress. 0: none.',
  }),
  shutdownGraceSecs: setting({
    path: 'shutdown_grace_secs',
    type: decimalNumber(0, 3_600),
    default: 30,
    unit: 'seconds',
    doc: 'After SIGTERM: how long requests in flight, streams too, may take to finish.',
  }),
  corsOrigins: setting({
    path: 'cors_origins',
    type: origins(),
    default: undefined,
    defaultText: 'none (no CORS: `OPTIONS` is answered with 405)',
    doc: 'Browser origins that may call.',
  }),
  logLevel: setting({
    path: 'log_level',
    type: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
    default: 'info',
    doc: 'The least severe level that is logged. No level logs prompts, answers or keys.',
  }),
  enableMonitoring: setting({
    path: 'enable_monitoring',
    type: flag(),
    default: false,
    doc: 'Sends traces and metrics by OTLP.',
  }),
  otelExporterEndpoint: setting({
    path: 'otel_exporter_endpoint',
    type: endpointUrl(),
    default: 'http://localhost:4317',
    doc: 'The OTLP collector. By http its paths `/v1/traces` and `/v1/metrics` follow.',
  }),
  otelExporterProtocol: setting({
    path: 'otel_exporter_protocol',
    type: choiceOr(['grpc', 'http/protobuf'], { http: 'http/protobuf' }),
    default: 'grpc',
    doc: 'How the collector is spoken to. The Worker always sends by http (of an endpoint at port 4317 to port 4318).',
  }),
  otelExporterHeaders: setting({
    path: 'otel_exporter_headers',
    type: headerList(),
    default: undefined,
    secret: true,
    doc: 'What the collector wants to know of its senders, such as `authorization=Bearer …`.',
  }),
  otelSampleRatio: setting({
    path: 'otel_sample_ratio',
    type: decimalNumber(0, 1),
    default: 0.1,
    doc: 'Share of the traces that are sent; 1 makes a hit a third dearer in CPU. A caller whose `traceparent` says so decides by itself.',
  }),
  otelTracesPerSecond: setting({
    path: 'otel_traces_per_second',
    type: wholeNumber(1, 1_000_000),
    default: 50,
    doc: 'Of that share, a core sends at most so many a second, so that traces cost the same under any load.',
  }),
};
