import { SpanKind as OtelKind, SpanStatusCode, TraceFlags, type Attributes } from '@opentelemetry/api';
import type { HrTime, SpanContext, SpanStatus } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { ERROR_TYPE } from '../semantic-names.ts';
import type { Span, SpanAttributes, SpanKind } from '../tracer.port.ts';
import type { RandomIds } from './random-ids.ts';

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  server: OtelKind.SERVER,
  internal: OtelKind.INTERNAL,
  client: OtelKind.CLIENT,
};
/** A span's attributes are words of ours and names from the configuration: more is a fault. */
const MAX_VALUE = 256;
const NOT_FAILED: SpanStatus = { code: SpanStatusCode.UNSET };
const FAILED: SpanStatus = { code: SpanStatusCode.ERROR };
const NONE: never[] = [];
const SCOPE = { name: 'isartor' };

/** What the spans of a process have in common. */
export interface SpanOrigin {
  readonly resource: Resource;
  readonly ids: RandomIds;
  /** Takes a span that is over. */
  take(span: ReadableSpan): void;
}

/** How a span begins. */
export interface SpanBeginning {
  readonly name: string;
  readonly kind: SpanKind;
  readonly startedAtMs: number;
  readonly parent: SpanContext | undefined;
  /** What makes unix time of `performance.now()`, in ms: one figure for a whole trace, so that its spans lie within each other. */
  readonly epochMs: number;
}

/**
 * A span that is sent. It is what the SDK's processor and exporter read, made here since the SDK's own takes six times
 * as long: that one copies contexts, asks its sampler for each span, and counts itself in metrics that nobody reads.
 */
export class RecordedSpan implements Span, ReadableSpan {
  readonly recording = true;
  readonly attributes: Attributes = {};
  readonly kind: OtelKind;
  readonly parentSpanContext?: SpanContext;
  readonly resource: Resource;
  readonly instrumentationScope = SCOPE;
  readonly links = NONE;
  readonly events = NONE;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  name: string;
  status = NOT_FAILED;
  ended = false;
  private readonly own: SpanContext;
  private readonly startedAtMs: number;
  private readonly epochMs: number;
  private endedAtMs: number;

  constructor(
    private readonly origin: SpanOrigin,
    { name, kind, startedAtMs, parent, epochMs }: SpanBeginning,
  ) {
    const { ids, resource } = origin;
    this.own = { traceId: parent?.traceId ?? ids.next(16), spanId: ids.next(8), traceFlags: TraceFlags.SAMPLED };
    this.name = name;
    this.kind = KINDS[kind];
    this.resource = resource;
    this.startedAtMs = startedAtMs;
    this.endedAtMs = startedAtMs;
    this.epochMs = epochMs;
    if (parent !== undefined) this.parentSpanContext = parent;
  }

  get traceId(): string {
    return this.own.traceId;
  }

  get traceparent(): string {
    return `00-${this.own.traceId}-${this.own.spanId}-01`;
  }

  child(name: string, kind: SpanKind, attributes?: SpanAttributes): Span {
    return this.begin(name, kind, performance.now(), attributes);
  }

  past(name: string, startedAtMs: number, ms: number, attributes?: SpanAttributes): void {
    this.begin(name, 'internal', startedAtMs, attributes).close(startedAtMs + ms);
  }

  set(attributes: SpanAttributes): void {
    if (this.ended) return;
    for (const name in attributes) {
      const value = attributes[name];
      if (value !== undefined) this.attributes[name] = typeof value === 'string' ? value.slice(0, MAX_VALUE) : value;
    }
  }

  fail(type: string): void {
    if (this.ended) return;
    this.set({ [ERROR_TYPE]: type });
    this.status = FAILED;
  }

  end(name?: string): void {
    if (this.ended) return;
    if (name !== undefined) this.name = name;
    this.close(performance.now());
  }

  spanContext(): SpanContext {
    return this.own;
  }

  get startTime(): HrTime {
    return hrTimeOf(this.epochMs + this.startedAtMs);
  }

  get endTime(): HrTime {
    return hrTimeOf(this.epochMs + this.endedAtMs);
  }

  get duration(): HrTime {
    return hrTimeOf(this.endedAtMs - this.startedAtMs);
  }

  private begin(name: string, kind: SpanKind, startedAtMs: number, attributes: SpanAttributes = {}): RecordedSpan {
    const { origin, epochMs } = this;
    const span = new RecordedSpan(origin, { name, kind, startedAtMs, parent: this.own, epochMs });
    span.set(attributes);
    return span;
  }

  private close(atMs: number): void {
    this.endedAtMs = Math.max(atMs, this.startedAtMs);
    this.ended = true;
    this.origin.take(this);
  }
}

/** Seconds, and nanoseconds of the second. */
function hrTimeOf(ms: number): HrTime {
  return [Math.floor(ms / 1_000), Math.floor((ms % 1_000) * 1e6)];
}
