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

function tracingTo(otelEndpoint: string, sampleRatio = 1, log = createLog('silent'), tracesPerSecond = 1_000_000) {
  const target = { otelEndpoint, otelProtocol: 'grpc', otelHeaders: {}, sampleRatio, tracesPerSecond } as const;
  return createTracing(target, log);
}

describe('spans that wait for a collector', () => {
  it('are bounded while it does not answer, and what is held is sent when it does', async () => {
    collector.mood = 'silent';
    const log = createLog('silent');
    const told = vi.spyOn(log, 'warn');
    const { tracer, close } = await tracingTo(collector.grpcUrl, 1, log);
    for (let count = 0; count < 20_000; count += 1) {
      tracer.begin(() => undefined, performance.now()).end(`request ${count}`);
      // The first batch leaves, and is never answered.
      if (count === 1_000) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    collector.mood = 'takes';
    collector.answerLate();
    await vi.waitFor(() => expect(collector.spans.length).toBeGreaterThanOrEqual(4_096), { timeout: 10_000 });
    await close();
    // Past the first batch, which nobody kept: what fits into the queue, and nothing of the 15 000 that came after.
    expect(collector.spans).toHaveLength(4_096);
    expect(collector.spans.at(-1)?.name).toBe(`request ${4_096 + 512 - 1}`);
    expect(told.mock.calls).toEqual([[{ dropped: 1 }, 'there are more spans than the collector takes in time']]);
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

  it('lies within its parent, in time too, and in the trace of it', async () => {
    const { tracer, close } = await tracingTo(collector.grpcUrl);
    const before = Date.now();
    const startedAt = performance.now() - 40;
    const request = tracer.begin(() => undefined, startedAt);
    const layer = request.child('layer', 'client', { told: 1 });
    request.past('before', startedAt, 15);
    layer.end();
    request.fail('why');
    request.end();
    await close();
    const [first, past, whole] = ['layer', 'before', 'request'].map((name) =>
      collector.spans.find((span) => span.name === name),
    );
    expect(whole).toMatchObject({ parentSpanId: '', kind: 2, failed: true, attributes: { 'error.type': 'why' } });
    expect(first).toMatchObject({ parentSpanId: whole?.spanId, kind: 3, attributes: { told: 1 } });
    expect(past).toMatchObject({ parentSpanId: whole?.spanId, kind: 1 });
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([request.traceId]));
    expect(request.traceparent).toBe(`00-${request.traceId}-${whole?.spanId}-01`);
    expect(past?.seconds).toBeCloseTo(0.015, 5);
    expect(whole?.seconds).toBeGreaterThanOrEqual(0.04);
    expect(past?.beganAtMs).toBe(whole?.beganAtMs);
    expect(whole?.beganAtMs).toBeGreaterThan(before - 45);
    expect(whole?.beganAtMs).toBeLessThan(before);
    expect(first?.beganAtMs).toBeGreaterThan((past?.beganAtMs ?? 0) + 39);
  });

  it('of no trace does nothing', () => {
    expect(NO_SPAN.child('x', 'internal')).toBe(NO_SPAN);
    expect([NO_SPAN.traceId, NO_SPAN.traceparent, NO_SPAN.recording]).toEqual([undefined, undefined, false]);
  });
});

describe('sampling', () => {
  const headerOf = (traceparent?: string) => (name: string) => (name === 'traceparent' ? traceparent : undefined);
  const from = (traceparent?: string) => [headerOf(traceparent), performance.now()] as const;
  const TRACE = '0af7651916cd43dd8448eb211c80319c';

  it('chooses its share of the traces that nobody decided about, each with ids of its own', async () => {
    const { tracer, close } = await tracingTo(collector.grpcUrl, 0.25);
    const spans = Array.from({ length: 8_000 }, () => tracer.begin(...from()));
    await close();
    expect(spans.filter(({ recording }) => recording).length / spans.length).toBeCloseTo(0.25, 1);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(spans.length);
    for (const { traceId, traceparent, recording } of spans) {
      expect(traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-0${recording ? 1 : 0}$`));
    }
  });

  it('chooses no more than so many a second, but for those that their callers have chosen', async () => {
    const { tracer, close } = await tracingTo(collector.grpcUrl, 1, undefined, 5);
    const chosen = (traceparent?: string) =>
      Array.from({ length: 50 }, () => tracer.begin(headerOf(traceparent), 0)).filter(({ recording }) => recording);
    expect(chosen()).toHaveLength(5);
    expect(chosen(`00-${TRACE}-b7ad6b7169203331-01`)).toHaveLength(50);
    expect(chosen()).toHaveLength(0);
    await close();
  });

  it('does as the caller says, and stands between nobody where it records nothing', async () => {
    const { tracer, close } = await tracingTo(collector.grpcUrl, 1);
    const notChosen = `00-${TRACE}-b7ad6b7169203331-00`;
    expect(tracer.begin(...from(notChosen))).toMatchObject({ recording: false, traceparent: notChosen });
    await close();
    const none = await tracingTo(collector.grpcUrl, 0);
    const chosen = none.tracer.begin(...from(`00-${TRACE}-b7ad6b7169203331-01`));
    expect(chosen).toMatchObject({ recording: true, traceId: TRACE });
    for (const wrong of ['', 'x', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `ff-${TRACE}-b7ad6b7169203331-01`]) {
      expect(none.tracer.begin(...from(wrong)).traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(none.tracer.begin(...from(wrong)).recording).toBe(false);
    }
    await none.close();
  });
});
