import type { Span } from '../tracer.port.ts';
import type { RandomIds } from './random-ids.ts';

/** Of a trace that was not chosen: others are told its ids, and nothing more is made. */
export class UnsampledSpan implements Span {
  readonly recording = false;

  constructor(
    readonly traceId: string,
    private readonly ids: RandomIds,
    /** The caller's, where it began the trace: there is no span of ours that could stand between. */
    private spanId: string | undefined,
  ) {}

  get traceparent(): string {
    this.spanId ??= this.ids.next(8);
    return `00-${this.traceId}-${this.spanId}-00`;
  }

  child(): Span {
    return this;
  }

  past(): void {}

  set(): void {}

  fail(): void {}

  end(): void {}
}
