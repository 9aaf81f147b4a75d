import type { HeaderReader } from '@isartor/shared';

/** What a span does: it serves a request, works within this process, or asks another one. */
export type SpanKind = 'server' | 'internal' | 'client';

/** Names and values of what is known of a span; undefined: nothing to say. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * A piece of a request's way, from its making to `end`. Nothing here throws, blocks or waits. No value may be a prompt,
 * an answer, a key or a header's value.
 */
export interface Span {
  /** False where nobody will see it: then attributes need not be made. */
  readonly recording: boolean;
  /** Hex id of the whole trace; undefined where there is none. */
  readonly traceId: string | undefined;
  /** For whoever is asked on this span's behalf (W3C Trace Context); undefined where there is no trace. */
  readonly traceparent: string | undefined;
  /** Begins a span within this one. */
  child(name: string, kind: SpanKind, attributes?: SpanAttributes): Span;
  /** Adds a span within this one that is over: it began at `startedAtMs` (on `performance.now()`'s clock) and lasted `ms`. */
  past(name: string, startedAtMs: number, ms: number, attributes?: SpanAttributes): void;
  set(attributes: SpanAttributes): void;
  /** It did not come to what it was for; `type` is a short word of a small set (`error.type`). */
  fail(type: string): void;
  /** Only the first call counts. `name`: what it is called in the end, where that was not known before. */
  end(name?: string): void;
}

/** Begins traces. */
export interface Tracer {
  /**
   * The span of a request that came at `startedAtMs` (on `performance.now()`'s clock). It continues the trace that the
   * request's `traceparent` names, if it names one.
   */
  begin(header: HeaderReader, startedAtMs: number): Span;
}

/** Token of the tracer in use. */
export const Tracer = Symbol('Tracer');

const nothing = (): void => undefined;

/** A span that nobody sees. */
export const NO_SPAN: Span = {
  recording: false,
  traceId: undefined,
  traceparent: undefined,
  child: () => NO_SPAN,
  past: nothing,
  set: nothing,
  fail: nothing,
  end: nothing,
};

/** Traces nothing. */
export const NO_TRACER: Tracer = { begin: () => NO_SPAN };
