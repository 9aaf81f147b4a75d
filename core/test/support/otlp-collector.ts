import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import protobuf from 'protobufjs';

/** What of OTLP's messages the tests look at. https://github.com/open-telemetry/opentelemetry-proto */
const PROTO = `syntax = "proto3";
message ExportTrace { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
message Resource { repeated KeyValue attributes = 1; }
message ScopeSpans { repeated Span spans = 2; }
message Span { bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9; Status status = 15; }
message Status { int32 code = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
message ExportMetrics { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { repeated ScopeMetrics scope_metrics = 2; }
message ScopeMetrics { repeated Metric metrics = 2; }
message Metric { string name = 1; }`;
const { root } = protobuf.parse(PROTO);
const PLAIN = { bytes: String, longs: Number, defaults: true };

/** A span as it arrived. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  /** Unix ms. */
  readonly beganAtMs: number;
  readonly seconds: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

/** How a collector behaves: it takes, refuses, or never answers. */
type CollectorMood = 'takes' | 'refuses' | 'silent';

/** A collector that speaks OTLP by gRPC and by HTTP, and keeps what it is told. */
export interface OtlpCollector {
  readonly grpcUrl: string;
  readonly httpUrl: string;
  mood: CollectorMood;
  readonly spans: ReceivedSpan[];
  readonly metricNames: Set<string>;
  /** All bytes that arrived. */
  readonly bytes: Buffer[];
  /** Headers or metadata of the latest call. */
  readonly headers: Record<string, string>;
  /** Answers the calls by gRPC that came while it was silent; what they told is not kept. */
  answerLate(): void;
  close(): Promise<void>;
}

const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const METRICS = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

export async function startOtlpCollector(): Promise<OtlpCollector> {
  const collector = {
    mood: 'takes' as CollectorMood,
    spans: [] as ReceivedSpan[],
    metricNames: new Set<string>(),
    bytes: [] as Buffer[],
    headers: {} as Record<string, string>,
  };
  const take = (kind: 'traces' | 'metrics', bytes: Buffer): void => {
    collector.bytes.push(bytes);
    if (kind === 'traces') collector.spans.push(...spansIn(bytes));
    else for (const name of metricsIn(bytes)) collector.metricNames.add(name);
  };
  const takeJson = (bytes: Buffer): void => {
    collector.bytes.push(bytes);
    collector.spans.push(...jsonSpansIn(bytes));
  };
  const late: (() => void)[] = [];
  const grpc = grpcServer(late, (kind, bytes, headers) => {
    Object.assign(collector.headers, headers);
    if (collector.mood === 'takes') take(kind, bytes);
    return collector.mood;
  });
  const http = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      for (const [name, value] of Object.entries(request.headers)) collector.headers[name] = String(value);
      if (collector.mood === 'silent') return;
      if (collector.mood === 'refuses') return void response.writeHead(400).end();
      const kind = request.url === '/v1/traces' ? 'traces' : 'metrics';
      const bytes = Buffer.concat(pieces);
      if (request.headers['content-type'] === 'application/json') takeJson(bytes);
      else take(kind, bytes);
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  const [grpcPort, httpPort] = await Promise.all([bind(grpc), listen(http)]);
  return Object.assign(collector, {
    grpcUrl: `http://127.0.0.1:${grpcPort}`,
    httpUrl: `http://127.0.0.1:${httpPort}`,
    answerLate: () => {
      for (const answer of late.splice(0)) answer();
    },
    close: async () => {
      grpc.forceShutdown();
      http.closeAllConnections();
      // A second time there is nothing left to close.
      await new Promise((resolve) => http.close(resolve));
    },
  });
}

type Take = (kind: 'traces' | 'metrics', bytes: Buffer, headers: Record<string, string>) => CollectorMood;

function grpcServer(late: (() => void)[], take: Take): Server {
  const server = new Server();
  const method = (path: string) => ({
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  });
  const answer =
    (kind: 'traces' | 'metrics') => (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
      const headers = Object.fromEntries(
        Object.entries(call.metadata.getMap()).map(([name, value]) => [name, String(value)]),
      );
      const mood = take(kind, call.request, headers);
      if (mood === 'silent') return void late.push(() => done(null, Buffer.alloc(0)));
      if (mood === 'refuses') done({ code: status.INVALID_ARGUMENT, details: 'refused' });
      else done(null, Buffer.alloc(0));
    };
  server.addService({ Export: method(TRACES) }, { Export: answer('traces') });
  server.addService({ Export: method(METRICS) }, { Export: answer('metrics') });
  return server;
}

function bind(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

function listen(server: HttpServer): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

interface RawSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: number;
  endTimeUnixNano: number;
  attributes?: { key: string; value: Record<string, unknown> }[];
  status?: { code: number };
}

function spansIn(bytes: Buffer): ReceivedSpan[] {
  const type = root.lookupType('ExportTrace');
  const message = type.toObject(type.decode(bytes), { ...PLAIN, oneofs: false }) as {
    resourceSpans?: { scopeSpans?: { spans?: RawSpan[] }[] }[];
  };
  const raw = message.resourceSpans?.flatMap(({ scopeSpans }) => scopeSpans?.flatMap(({ spans }) => spans ?? []) ?? []);
  return (raw ?? []).map((span) => ({
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId ?? ''),
    name: span.name,
    kind: span.kind,
    beganAtMs: span.startTimeUnixNano / 1e6,
    seconds: (span.endTimeUnixNano - span.startTimeUnixNano) / 1e9,
    attributes: Object.fromEntries((span.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]])),
    failed: span.status?.code === 2,
  }));
}

/** OTLP's JSON has ids in hex, and 64-bit numbers as text. */
function jsonSpansIn(bytes: Buffer): ReceivedSpan[] {
  const { resourceSpans } = JSON.parse(bytes.toString()) as { resourceSpans: { scopeSpans: { spans: RawSpan[] }[] }[] };
  const raw = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  return raw.map(({ parentSpanId = '', ...span }) => ({
    ...span,
    parentSpanId,
    beganAtMs: nanoseconds(span.startTimeUnixNano) * 1_000,
    seconds: nanoseconds(span.endTimeUnixNano) - nanoseconds(span.startTimeUnixNano),
    attributes: Object.fromEntries((span.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]])),
    failed: span.status?.code === 2,
  }));
}

function nanoseconds(time: number | string): number {
  return Number(time) / 1e9;
}

function metricsIn(bytes: Buffer): string[] {
  const type = root.lookupType('ExportMetrics');
  const message = type.toObject(type.decode(bytes), PLAIN) as {
    resourceMetrics?: { scopeMetrics?: { metrics?: { name: string }[] }[] }[];
  };
  const scopes = message.resourceMetrics?.flatMap(({ scopeMetrics }) => scopeMetrics ?? []) ?? [];
  return scopes.flatMap(({ metrics }) => metrics?.map(({ name }) => name) ?? []);
}

function hex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}
