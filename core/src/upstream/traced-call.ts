import { GatewayError, type Usage } from '@isartor/shared';
import { currentSpan } from '../telemetry/current-span.ts';
import { GEN_AI } from '../telemetry/gen-ai.ts';
import type { MeasuredModelCall } from '../telemetry/metrics.port.ts';
import type { Span } from '../telemetry/tracer.port.ts';
import type { Upstream, UpstreamCall, UpstreamReply } from './upstream.port.ts';
import { UsageTail } from './usage-tail.ts';

/** Told of every call to a model once its answer is over. */
export type OnModelCall = (call: MeasuredModelCall) => void;

/** A server whose every call is traced and measured (see tracedCall). */
export function traced(upstream: Upstream, onCall?: OnModelCall): Upstream {
  return { name: upstream.name, call: (call) => tracedCall(upstream, call, onCall) };
}

/**
 * Calls a server in a span of its own, which the server is told of, and measures the call: it lasts until its body has
 * been read or given up. Throws what the server's adapter throws.
 */
export async function tracedCall(
  upstream: Pick<Upstream, 'name' | 'call'>,
  call: UpstreamCall,
  onCall?: OnModelCall,
): Promise<UpstreamReply> {
  const watch = new CallWatch(upstream.name, call, onCall);
  try {
    const told = { ...call, headers: withTraceparent(call.headers, watch.span.traceparent) };
    const reply = await upstream.call(told);
    watch.answered(reply.status);
    return {
      ...reply,
      body: watch.body(reply.body),
      abandon: () => {
        watch.end();
        reply.abandon();
      },
      answered: () => watch.end(),
    };
  } catch (error) {
    watch.failed(error, call.signal);
    throw error;
  }
}

/** One call from its beginning to its end. */
class CallWatch {
  readonly span: Span;
  private readonly startedAtMs = performance.now();
  private readonly tail: UsageTail;
  private error: string | undefined;
  private begun = false;
  /** The server said that it does not answer: what it says of tokens is not its answer's. */
  private isRefused = false;
  private ended = false;

  constructor(
    private readonly provider: string,
    private readonly call: Pick<UpstreamCall, 'operation' | 'model'>,
    private readonly onCall: OnModelCall | undefined,
  ) {
    const { operation, model } = call;
    this.tail = new UsageTail(operation);
    const parent = currentSpan();
    this.span = parent.recording
      ? parent.child(GEN_AI.spanName(operation, model), 'client', GEN_AI.request(provider, operation, model))
      : parent;
  }

  answered(status: number): void {
    this.isRefused = status >= 400;
    if (this.isRefused) this.error = String(status);
    if (this.span.recording) this.span.set(GEN_AI.status(status));
  }

  failed(error: unknown, signal: AbortSignal): void {
    const code = error instanceof GatewayError ? error.code : 'internal';
    this.error = signal.aborted && !(error instanceof GatewayError && error.fault === 'upstream') ? 'aborted' : code;
    this.end();
  }

  /** A body that is watched as it passes. Not a generator: one that is left before its first step would tell nothing. */
  body(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => this.chunks(body[Symbol.asyncIterator]()) };
  }

  private chunks(source: AsyncIterator<Uint8Array>): AsyncIterator<Uint8Array, void> {
    return {
      next: async () => {
        try {
          const next = await source.next();
          if (next.done === true) {
            this.end();
            return { done: true, value: undefined };
          }
          this.passed(next.value);
          return next;
        } catch (error) {
          this.error = error instanceof GatewayError ? error.code : 'internal';
          this.end();
          throw error;
        }
      },
      return: async () => {
        this.end();
        await source.return?.();
        return { done: true, value: undefined };
      },
    };
  }

  private passed(chunk: Uint8Array): void {
    this.tail.push(chunk);
    if (this.begun) return;
    this.begun = true;
    if (this.span.recording) this.span.set(GEN_AI.firstChunk((performance.now() - this.startedAtMs) / 1_000));
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    const { span, provider, error } = this;
    const { operation, model } = this.call;
    // What is left or breaks off is paid for as far as it came: Anthropic tells what it read at the beginning.
    const usage: Usage | null = this.isRefused ? null : this.tail.read();
    const seconds = (performance.now() - this.startedAtMs) / 1_000;
    this.onCall?.({ provider, operation, model, seconds, usage, error });
    // Of a trace that is not recorded, it is the request's own span, which is not this call's to end.
    if (!span.recording) return;
    if (usage !== null) span.set(GEN_AI.usage(usage));
    if (error !== undefined) span.fail(error);
    span.end();
  }
}

/** The caller's own `traceparent` goes on where there is no trace of ours. */
function withTraceparent(
  headers: UpstreamCall['headers'],
  traceparent: string | undefined,
): readonly (readonly [string, string])[] {
  if (traceparent === undefined) return headers;
  return [...headers.filter(([name]) => name !== 'traceparent'), ['traceparent', traceparent]];
}
