import { chatRequest } from '@isartor/shared/testing';
import { inject } from 'vitest';
import { describe, expect, test } from 'vitest';
import type { SeenRequest } from '../../test/support/core-answer.ts';
import { PROGRAM } from '../../test/support/core-answer.ts';
import { CoreProgram } from '../testing/core-program.ts';
import { EdgeUnderTest } from '../testing/edge-under-test.ts';

const PLANTED = 'planted-91bc';
const CALLER_TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = `00-${CALLER_TRACE}-b7ad6b7169203331-01`;

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: { readonly key: string; readonly value: Record<string, unknown> }[];
}

/** An edge whose collector is the other fake core. */
async function traced(
  bindings: Record<string, string> = {},
): Promise<{ edge: EdgeUnderTest; core: CoreProgram; collector: CoreProgram }> {
  const core = await CoreProgram.on('coreA', { chunks: ['{"ok":true}'] });
  const collector = await CoreProgram.on('coreB', { chunks: ['{}'] });
  const edge = new EdgeUnderTest({
    ISARTOR__ENABLE_MONITORING: 'true',
    ISARTOR__OTEL_SAMPLE_RATIO: '1',
    ISARTOR__OTEL_EXPORTER_ENDPOINT: inject('coreB'),
    ISARTOR__OTEL_EXPORTER_HEADERS: `${PROGRAM}=${collector.headers[PROGRAM]}`,
    ...bindings,
  });
  return { edge, core, collector };
}

function spansIn(calls: readonly SeenRequest[]): Span[] {
  return calls.flatMap(({ body }) => {
    const { resourceSpans } = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  });
}

function attribute(span: Span | undefined, key: string): unknown {
  return Object.values(span?.attributes.find((one) => one.key === key)?.value ?? {})[0];
}

describe('a trace at the edge', () => {
  test("continues the caller's, and the core's work is within the call to it", async () => {
    const { edge, core, collector } = await traced();
    const answer = await edge.ask({ body: chatRequest(PLANTED), headers: { ...core.headers, traceparent: CALLER } });
    expect(answer.status).toBe(200);
    const calls = await collector.seen();
    expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /v1/traces']);
    const spans = spansIn(calls);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([CALLER_TRACE]));
    const byName = new Map(spans.map((span) => [span.name, span]));
    expect([...byName.keys()].toSorted()).toEqual(['POST /v1/chat/completions', 'core', 'l0', 'l1a']);
    const parents = ['POST /v1/chat/completions', 'l0', 'l1a', 'core'].map((name) => byName.get(name)?.parentSpanId);
    const ids = ['POST /v1/chat/completions', 'l0', 'l1a'].map((name) => byName.get(name)?.spanId);
    expect(parents).toEqual(['b7ad6b7169203331', ...ids]);
    const [seen] = await core.seen();
    expect(seen?.headers['traceparent']).toBe(`00-${CALLER_TRACE}-${byName.get('core')?.spanId}-01`);
    const request = byName.get('POST /v1/chat/completions');
    expect(request?.kind).toBe(2);
    expect(BigInt(request?.endTimeUnixNano ?? 0)).toBeGreaterThanOrEqual(BigInt(request?.startTimeUnixNano ?? 1));
    expect(attribute(request, 'http.response.status_code')).toBe('200');
    expect(attribute(request, 'isartor.tenant')).toBe('default');
    expect(attribute(byName.get('l1a'), 'isartor.verdict')).toBe('miss');
    expect(edge.lastRecord()).toMatchObject({ traceId: CALLER_TRACE });
    expect(JSON.stringify(calls.map(({ body }) => body))).not.toContain(PLANTED);
  });

  test('begins here where the caller has none; what is refused is told with its reason, and nothing that was written', async () => {
    const { edge, core, collector } = await traced();
    await edge.ask({ body: chatRequest('x'), headers: { ...core.headers, authorization: `Bearer ${PLANTED}` } });
    await edge.ask({ path: `/v1/${PLANTED}`, method: 'DELETE', headers: { traceparent: `00-${PLANTED}` } });
    const calls = await collector.seen();
    const refused = spansIn(calls).find(({ name }) => name === 'l0');
    expect(attribute(refused, 'isartor.reason')).toBe('invalid_api_key');
    expect(spansIn(calls).map(({ name }) => name)).toContain('_OTHER');
    expect(JSON.stringify(calls.map(({ body }) => body))).not.toContain(PLANTED);
  });

  test('that is not chosen is told to the core as such, and not sent', async () => {
    const { edge, core, collector } = await traced({ ISARTOR__OTEL_SAMPLE_RATIO: '0' });
    await edge.ask({ body: chatRequest('x'), headers: core.headers });
    expect((await core.seen())[0]?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(await collector.seen()).toEqual([]);
  });

  test('leaves the caller’s traceparent alone where monitoring is off', async () => {
    const { edge, core, collector } = await traced({ ISARTOR__ENABLE_MONITORING: 'false' });
    await edge.ask({ body: chatRequest('x'), headers: { ...core.headers, traceparent: CALLER } });
    expect((await core.seen())[0]?.headers['traceparent']).toBe(CALLER);
    expect(await collector.seen()).toEqual([]);
  });
});

describe('a collector', () => {
  test('that fails costs its spans: answers go on, and it is left alone for a while', async () => {
    const { edge, core, collector } = await traced();
    await collector.answerWith({ status: 503 });
    const ask = async (text: string) => (await edge.ask({ body: chatRequest(text), headers: core.headers })).status;
    expect(await ask('one')).toBe(200);
    expect(await collector.seen()).toHaveLength(1);
    expect(await ask('two')).toBe(200);
    expect(await collector.seen()).toHaveLength(1);
    edge.now += 6_000;
    expect(await ask('three')).toBe(200);
    expect(await collector.seen()).toHaveLength(2);
  });

  test('that never answers holds no answer up', async () => {
    const { edge, core, collector } = await traced();
    await collector.answerWith({ instead: 'silent' });
    const { response } = await edge.open({ body: chatRequest('x'), headers: core.headers });
    expect(await response.text()).toBe('{"ok":true}');
  });

  test('gets the spans of several requests in one call', async () => {
    const { edge, core, collector } = await traced();
    const asks = Array.from({ length: 5 }, (_, at) => edge.ask({ body: chatRequest(`q${at}`), headers: core.headers }));
    await Promise.all(asks);
    const calls = await collector.seen();
    expect(spansIn(calls)).toHaveLength(20);
    expect(calls.length).toBeLessThan(5);
  });
});
