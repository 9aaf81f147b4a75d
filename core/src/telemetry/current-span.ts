import { AsyncLocalStorage } from 'node:async_hooks';
import { NO_SPAN, type Span } from './tracer.port.ts';

const spans = new AsyncLocalStorage<Span>();

/**
 * The span within which the calling code runs, however many asynchronous steps later; `NO_SPAN` outside of any. So that
 * the ports between a request and what it asks need not hand a span on.
 */
export function currentSpan(): Span {
  return spans.getStore() ?? NO_SPAN;
}

/** Runs `work` within `span`. */
export function withinSpan<Value>(span: Span, work: () => Value): Value {
  return spans.run(span, work);
}

/** Runs `work` in a span of its own within the current one, which fails when the work does. */
export async function inSpan<Value>(span: Span, work: () => Promise<Value>, wordOf: (error: unknown) => string) {
  if (!span.recording) return work();
  try {
    return await withinSpan(span, work);
  } catch (error) {
    span.fail(wordOf(error));
    throw error;
  } finally {
    span.end();
  }
}
