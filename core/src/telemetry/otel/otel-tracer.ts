import { ROOT_CONTEXT, SpanKind as OtelKind, SpanStatusCode, trace, type Attributes } from '@opentelemetry/api';
import type { Context, Span as SdkSpan, Tracer as SdkTracer } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import type { HeaderReader } from '@isartor/shared';
import { ERROR_TYPE } from '../semantic-names.ts';
import type { Span, SpanAttributes, SpanKind, Tracer } from '../tracer.port.ts';

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  internal: OtelKind.INTERNAL,
  client: OtelKind.CLIENT,
};

/** Traces by the OpenTelemetry SDK. The caller's `tracestate` is not kept: it is a header's value like any other. */
export class OtelTracer implements Tracer {
  constructor(private readonly sdk: SdkTracer) {}

  begin(header: HeaderReader, startedAtMs: number): Span {
    const options = { kind: OtelKind.SERVER, startTime: startedAtMs };
    return spanOf(this.sdk, this.sdk.startSpan('request', options, contextOf(header('traceparent'))));
  }
}

function contextOf(traceparent: string | undefined): Context {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

function spanOf(sdk: SdkTracer, span: SdkSpan): Span {
  return span.isRecording() ? new OtelSpan(sdk, span) : new UnsampledSpan(span);
}

function traceparentOf(span: SdkSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

class OtelSpan implements Span {
  readonly recording = true;
  private readonly context: Context;
  private ended = false;

  constructor(
    private readonly sdk: SdkTracer,
    private readonly span: SdkSpan,
  ) {
    this.context = trace.setSpan(ROOT_CONTEXT, span);
  }

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  get traceparent(): string {
    return traceparentOf(this.span);
  }

  child(name: string, kind: SpanKind, attributes: SpanAttributes = {}): Span {
    const options = { kind: KINDS[kind], startTime: performance.now(), attributes: defined(attributes) };
    return new OtelSpan(this.sdk, this.sdk.startSpan(name, options, this.context));
  }

  past(name: string, startedAtMs: number, ms: number, attributes: SpanAttributes = {}): void {
    const options = { kind: OtelKind.INTERNAL, startTime: startedAtMs, attributes: defined(attributes) };
    this.sdk.startSpan(name, options, this.context).end(startedAtMs + ms);
  }

  set(attributes: SpanAttributes): void {
    if (!this.ended) this.span.setAttributes(defined(attributes));
  }

  fail(type: string): void {
    if (this.ended) return;
    this.span.setAttribute(ERROR_TYPE, type).setStatus({ code: SpanStatusCode.ERROR });
  }

  end(name?: string): void {
    if (this.ended) return;
    this.ended = true;
    if (name !== undefined) this.span.updateName(name);
    this.span.end(performance.now());
  }
}

/** Of a trace that was not chosen: others are told its ids, and nothing more is made. */
class UnsampledSpan implements Span {
  readonly recording = false;

  constructor(private readonly span: SdkSpan) {}

  child(): Span {
    return this;
  }

  past(): void {}

  set(): void {}

  fail(): void {}

  end(): void {}

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  get traceparent(): string {
    return traceparentOf(this.span);
  }
}

function defined(attributes: SpanAttributes): Attributes {
  const kept: Attributes = {};
  for (const name in attributes) if (attributes[name] !== undefined) kept[name] = attributes[name];
  return kept;
}
