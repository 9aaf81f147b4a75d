import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startOtlpCollector, type OtlpCollector } from '../../../test/support/otlp-collector.ts';
import { createLog } from '../log.ts';
import { NO_SPAN } from '../tracer.port.ts';
import { createTracing } from './tracing.ts';

let collector: OtlpCollector;

beforeEach(async () => {
  collector = await startOtlpCollector();
});

afterEach(() => collector.close());

function tracingTo(otelEndpoint: string) {
  const target = { otelEndpoint, otelProtocol: 'grpc', otelHeaders: {}, sampleRatio: 1 } as const;
  return createTracing(target, createLog('silent'));
}

describe('spans that wait for a collector', () => {
  it('are bounded while it does not answer, and what is held is sent when it does', async () => {
    collector.mood = 'silent';
    const { tracer, close } = await tracingTo(collector.grpcUrl);
    for (let count = 0; count < 20_000; count += 1) {
      tracer.begin(() => undefined, performance.now()).end(`request ${count}`);
      // The first batch leaves, and is never answered.
      if (count === 1_000) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    collector.mood = 'takes';
    // The first batch's deadline is not waited for.
    const closed = close();
    await vi.waitFor(() => expect(collector.spans.length).toBeGreaterThan(3_000), { timeout: 10_000 });
    expect(collector.spans.length).toBeLessThanOrEqual(4_096 + 512);
    await collector.close();
    await closed;
  });
});

describe('a span', () => {
  it('has bounded attributes, ends once, and takes nothing after its end', async () => {
    const { tracer, close } = await tracingTo(collector.grpcUrl);
    const span = tracer.begin(() => undefined, performance.now());
    span.set({ long: 'x'.repeat(10_000), absent: undefined });
    span.end('first');
    span.end('second');
    span.set({ late: true });
    span.fail('late');
    await close();
    expect(collector.spans).toHaveLength(1);
    expect(collector.spans[0]).toMatchObject({ name: 'first', failed: false, attributes: { long: 'x'.repeat(256) } });
    expect(Object.keys(collector.spans[0]?.attributes ?? {})).toEqual(['long']);
  });

  it('of no trace does nothing', () => {
    expect(NO_SPAN.child('x', 'internal')).toBe(NO_SPAN);
    expect([NO_SPAN.traceId, NO_SPAN.traceparent, NO_SPAN.recording]).toEqual([undefined, undefined, false]);
  });
});
