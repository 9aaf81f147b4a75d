import { parseTraceParent } from '@opentelemetry/core';
import type { HeaderReader } from '@isartor/shared';
import type { Span, Tracer } from '../tracer.port.ts';
import { RecordedSpan, type SpanOrigin } from './recorded-span.ts';
import { TraceBudget } from './trace-budget.ts';
import { UnsampledSpan } from './unsampled-span.ts';

/** The lowest bit of the flags of a `traceparent`. */
const CHOSEN = 1;

/** Which of the traces that no caller decides about are sent. */
export interface Sampling {
  /** From 0 to 1. */
  readonly ratio: number;
  /** At most so many of that share. */
  readonly perSecond: number;
}

/**
 * Begins traces, and decides of each once, at its beginning, whether it is sent: as the caller says, else by chance. The
 * caller's `tracestate` is not kept: it is a header's value like any other.
 */
export class OtelTracer implements Tracer {
  private readonly budget: TraceBudget;

  constructor(
    private readonly origin: SpanOrigin,
    private readonly sampling: Sampling,
  ) {
    this.budget = new TraceBudget(sampling.perSecond);
  }

  begin(header: HeaderReader, startedAtMs: number): Span {
    const { origin } = this;
    const traceparent = header('traceparent');
    const parent = (traceparent === undefined ? null : parseTraceParent(traceparent)) ?? undefined;
    const sampled = parent === undefined ? this.isChosen(startedAtMs) : parent.traceFlags % 2 === CHOSEN;
    if (!sampled) return new UnsampledSpan(parent?.traceId ?? origin.ids.next(16), origin.ids, parent?.spanId);
    const epochMs = Date.now() - performance.now();
    return new RecordedSpan(origin, { name: 'request', kind: 'server', startedAtMs, parent, epochMs });
  }

  private isChosen(startedAtMs: number): boolean {
    return Math.random() < this.sampling.ratio && this.budget.take(startedAtMs);
  }
}
