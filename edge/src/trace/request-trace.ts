import { formatTraceparent, newId, type TraceContext } from './trace-context.ts';

/** Names and values of what is known of a span. No value is a prompt, an answer, a key or a header that a caller wrote. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** OTLP's numbers of what a span does. */
export const SPAN_KIND = { internal: 1, server: 2, client: 3 } as const;

/** A span that is over. Times in unix ms. */
export interface EndedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: (typeof SPAN_KIND)[keyof typeof SPAN_KIND];
  readonly beganAt: number;
  readonly endedAt: number;
  readonly attributes: SpanAttributes;
  readonly failed: boolean;
}

/** Ends a span with what it is called and what became of it. */
export type EndSpan = (name: string, attributes: SpanAttributes, failed: boolean) => void;

/** Of a trace that was not chosen: nobody would see the span, nor an id of it. */
const NOT_TOLD: EndSpan = () => undefined;

/** One request's spans. The layers call each other, so the span that began last is the one that is current. */
export class RequestTrace {
  readonly traceId: string;
  readonly sampled: boolean;
  readonly ended: EndedSpan[] = [];
  #current: string | undefined;

  /** Continues the caller's trace, else begins one, which is recorded with probability `ratio`. */
  constructor(
    caller: TraceContext | undefined,
    ratio: number,
    private readonly now: () => number,
  ) {
    this.traceId = caller?.traceId ?? newId(16);
    this.sampled = caller?.sampled ?? Math.random() < ratio;
    this.#current = caller?.spanId;
  }

  /** Begins a span within the current one. */
  begin(kind: EndedSpan['kind']): EndSpan {
    if (!this.sampled) return NOT_TOLD;
    const parentSpanId = this.#current;
    const spanId = newId(8);
    const beganAt = this.now();
    this.#current = spanId;
    return (name, attributes, failed) => {
      this.#current = parentSpanId;
      const { traceId } = this;
      this.ended.push({ traceId, spanId, parentSpanId, name, kind, beganAt, endedAt: this.now(), attributes, failed });
    };
  }

  /** What the core is told: its work is within the current span. */
  get traceparent(): string {
    return formatTraceparent({ traceId: this.traceId, spanId: this.#current ?? newId(8), sampled: this.sampled });
  }
}
