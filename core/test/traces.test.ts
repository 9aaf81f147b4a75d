import { Writable } from 'node:stream';
import { HEADER } from '@isartor/shared';
import { chatRequest, errorAnswer, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startOtlpCollector, type OtlpCollector, type ReceivedSpan } from './support/otlp-collector.ts';
import { testRedis } from './support/redis.ts';
import { startCore, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const CALLER_TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = `00-${CALLER_TRACE}-b7ad6b7169203331-01`;
const PLANTED = 'planted-7c1f';

const probe = await testRedis();
const skip = 'skip' in probe ? probe.skip : undefined;
if ('stop' in probe) await probe.stop();

let upstream: FakeUpstream;
let collector: OtlpCollector;
const running: RunningCore[] = [];

beforeAll(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
  collector = await startOtlpCollector();
});

beforeEach(() => {
  upstream.respondWith(wellBehaved);
  collector.mood = 'takes';
});

afterEach(async () => {
  for (const core of running.splice(0)) await core.stop();
  collector.spans.length = 0;
});

afterAll(async () => {
  await upstream.close();
  await collector.close();
});

function lineLog(): { lines: Record<string, unknown>[]; log: pino.Logger } {
  const lines: Record<string, unknown>[] = [];
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  return { lines, log: pino({ level: 'info' }, out) };
}

async function startTraced(env: Readonly<Record<string, string>> = {}, log?: pino.Logger): Promise<RunningCore> {
  const monitoring = {
    ISARTOR__ENABLE_MONITORING: 'true',
    ISARTOR__OTEL_EXPORTER_ENDPOINT: collector.grpcUrl,
    ISARTOR__OTEL_SAMPLE_RATIO: '1',
  };
  const core = await startCore(upstream.url, { ...monitoring, ...env }, log);
  running.push(core);
  return core;
}

async function ask(
  core: RunningCore,
  text: string,
  headers: Record<string, string> = {},
  overrides = {},
): Promise<Response> {
  const response = await core.post(CHAT, chatRequest(text, overrides), headers);
  await response.text();
  return response;
}

/** Ends the cores, which sends what they hold. */
async function sent(): Promise<readonly ReceivedSpan[]> {
  for (const core of running.splice(0)) await core.stop();
  return collector.spans;
}

function byName(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const found = spans.filter((span) => span.name === name);
  expect(found, `spans named ${name} among ${spans.map((span) => span.name).join(', ')}`).toHaveLength(1);
  return found[0] as ReceivedSpan;
}

describe('a trace', () => {
  it("continues the caller's, has a span for each layer with its verdict, and goes on to the provider", async () => {
    const core = await startTraced();
    await ask(core, 'why', { traceparent: CALLER });
    const spans = await sent();
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([CALLER_TRACE]));

    const request = byName(spans, `POST ${CHAT}`);
    expect(request).toMatchObject({ parentSpanId: 'b7ad6b7169203331', kind: 2, failed: false });
    expect(request.attributes).toMatchObject({
      'http.route': CHAT,
      'http.response.status_code': 200,
      'isartor.layer': 'l3',
      'isartor.deflected': false,
      'isartor.tenant': 'default',
      'isartor.outcome': 'complete',
    });
    expect(byName(spans, 'l0')).toMatchObject({
      parentSpanId: request.spanId,
      attributes: { 'isartor.verdict': 'admitted' },
    });
    const exact = byName(spans, 'l1a');
    expect(exact).toMatchObject({
      parentSpanId: request.spanId,
      attributes: { 'isartor.verdict': 'miss', 'isartor.reason': 'absent', 'isartor.answered_by': 'l3' },
    });
    const cloud = byName(spans, 'l3');
    expect(cloud.attributes).toMatchObject({ 'isartor.verdict': 'answered', 'isartor.reason': '200' });
    const call = byName(spans, 'chat gpt-4o-mini');
    expect(call).toMatchObject({ parentSpanId: cloud.spanId, kind: 3 });
    expect(call.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': expect.any(Number),
      'gen_ai.usage.output_tokens': expect.any(Number),
      'http.response.status_code': 200,
    });
    expect(upstream.requests.at(-1)?.headers['traceparent']).toBe(`00-${CALLER_TRACE}-${call.spanId}-01`);
    expect(request.seconds).toBeGreaterThanOrEqual(call.seconds);
  });

  it('begins here where the caller has none; a hit ends at the layer that answers', async () => {
    const { lines, log } = lineLog();
    const core = await startTraced({}, log);
    await ask(core, 'twice');
    await ask(core, 'twice');
    const spans = await sent();
    const traces = lines.filter(({ msg }) => msg === 'request').map(({ traceId }) => traceId);
    expect(traces).toHaveLength(2);
    const hit = spans.filter(({ traceId }) => traceId === traces[1]);
    expect(hit.map(({ name }) => name).toSorted()).toEqual([`POST ${CHAT}`, 'l0', 'l1a']);
    expect(byName(hit, 'l1a').attributes).toMatchObject({ 'isartor.verdict': 'hit' });
    expect(byName(hit, `POST ${CHAT}`).attributes).toMatchObject({ 'isartor.deflected': true, 'isartor.layer': 'l1a' });
    expect(traces[0]).not.toBe(traces[1]);
  });

  it('of a stream: the call lasts until its end, and its token counts are told', async () => {
    const core = await startTraced();
    await ask(core, 'stream', {}, { stream: true });
    const call = byName(await sent(), 'chat gpt-4o-mini');
    expect(call.attributes['gen_ai.usage.output_tokens']).toBeGreaterThan(0);
    expect(call.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0);
  });

  it('shows every try at a provider and why it failed, and the refusals of L0', async () => {
    const core = await startTraced({ ISARTOR__L3__RETRY__BASE_WAIT_MS: '1' });
    upstream.respondWith(errorAnswer(500, 'no'));
    expect((await ask(core, 'fails')).status).toBe(500);
    expect((await ask(core, 'refused', { authorization: 'Bearer wrong' })).status).toBe(401);
    const spans = await sent();
    const calls = spans.filter(({ name }) => name === 'chat gpt-4o-mini');
    expect(calls.length).toBeGreaterThan(1);
    for (const call of calls) expect(call).toMatchObject({ failed: true, attributes: { 'error.type': '500' } });
    expect(byName(spans, `POST ${CHAT}`).failed).toBe(true);
    const refused = spans.filter(
      ({ name, attributes }) => name === 'l0' && attributes['isartor.verdict'] === 'refused',
    );
    expect(refused.map(({ attributes }) => attributes['isartor.reason'])).toEqual(['invalid_api_key']);
  });

  it('tells nothing that a caller or a provider wrote', async () => {
    const { lines, log } = lineLog();
    const core = await startTraced({}, log);
    const headers = {
      'x-isartor-session-id': PLANTED,
      'user-agent': PLANTED,
      tracestate: `vendor=${PLANTED}`,
      'x-isartor-bypass': PLANTED,
    };
    await ask(core, PLANTED, headers, { user: PLANTED });
    await ask(core, 'a model of no known name', {}, { model: `${PLANTED} as a model` });
    await ask(core, PLANTED, { authorization: `Bearer ${PLANTED}` });
    await (await core.post(`/v1/${PLANTED}?${PLANTED}=1`, { a: PLANTED })).text();
    await (await core.post(CHAT, `{"${PLANTED}`)).text();
    upstream.respondWith(errorAnswer(429, PLANTED));
    await ask(core, 'refused by the provider');
    expect((await sent()).length).toBeGreaterThan(8);
    expect(collector.bytes.filter((bytes) => bytes.includes(PLANTED))).toEqual([]);
    // The log tells where a request went: its path and its model.
    const told = lines.map((line) => ({ ...line, path: undefined, model: undefined }));
    expect(JSON.stringify(told)).not.toContain(PLANTED);
    expect(lines.filter(({ audit }) => audit === true).map(({ code, status }) => [code, status])).toEqual([
      ['invalid_api_key', 401],
    ]);
  });
});

describe.skipIf(skip !== undefined)('a trace of a core with Redis', () => {
  it('has the reads and writes of Redis, by command alone', async () => {
    const redis = await testRedis({ own: true });
    if ('skip' in redis) throw new Error(redis.skip);
    const core = await startTraced({ ISARTOR__CACHE_BACKEND: 'redis', ISARTOR__REDIS_URL: redis.url });
    await vi.waitFor(
      async () => {
        await ask(core, 'kept');
        expect((await ask(core, 'kept')).headers.get(HEADER.layer)).toBe('l1a');
      },
      { timeout: 10_000 },
    );
    const spans = await sent();
    await redis.stop();
    const hit = spans.findLast(({ name, attributes }) => name === 'l1a' && attributes['isartor.verdict'] === 'hit');
    const reads = spans.filter(({ name, parentSpanId }) => name === 'redis MGET' && parentSpanId === hit?.spanId);
    expect(reads).toHaveLength(1);
    expect(reads[0]).toMatchObject({ kind: 3, attributes: { 'db.system.name': 'redis', 'db.operation.name': 'MGET' } });
    expect(spans.map(({ name }) => name)).toContain('redis SET');
  });
});

describe('sampling', () => {
  it('sends nothing of what is not chosen, and tells the provider so', async () => {
    const core = await startTraced({ ISARTOR__OTEL_SAMPLE_RATIO: '0' });
    await ask(core, 'unsampled');
    expect(upstream.requests.at(-1)?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    await ask(core, 'sampled by the caller', { traceparent: CALLER });
    expect(new Set((await sent()).map(({ traceId }) => traceId))).toEqual(new Set([CALLER_TRACE]));
  });

  it("leaves the caller's traceparent as it is where monitoring is off", async () => {
    const core = await startTraced({ ISARTOR__ENABLE_MONITORING: 'false' });
    await ask(core, 'off', { traceparent: CALLER });
    expect(upstream.requests.at(-1)?.headers['traceparent']).toBe(CALLER);
    expect(await sent()).toEqual([]);
  });
});

describe('the collector', () => {
  it('is spoken to by http where that is set, with the headers it wants', async () => {
    const core = await startTraced({
      ISARTOR__OTEL_EXPORTER_ENDPOINT: `${collector.httpUrl}/v1/traces`,
      ISARTOR__OTEL_EXPORTER_PROTOCOL: 'http',
      ISARTOR__OTEL_EXPORTER_HEADERS: 'x-vendor-key=abc, x-other=d',
    });
    await ask(core, 'by http');
    byName(await sent(), 'l3');
    expect([...collector.metricNames]).toEqual(
      expect.arrayContaining([
        'isartor_requests_total',
        'isartor_request_duration_seconds',
        'gen_ai.client.token.usage',
      ]),
    );
    expect(collector.headers).toMatchObject({ 'x-vendor-key': 'abc', 'x-other': 'd' });
  });

  it.each(['refuses', 'silent', 'gone'] as const)(
    'that %s costs its telemetry, a line each for spans and metrics, and nothing else',
    async (mood) => {
      const { lines, log } = lineLog();
      const told = () => lines.filter(({ msg }) => /collector/.test(String(msg)));
      if (mood !== 'gone') collector.mood = mood;
      const core = await startTraced(
        mood === 'gone' ? { ISARTOR__OTEL_EXPORTER_ENDPOINT: 'http://127.0.0.1:9' } : {},
        log,
      );
      for (let count = 0; count < 30; count += 1) {
        const response = await ask(core, `question ${count % 3}`);
        expect(response.status).toBe(200);
        expect(response.headers.get(HEADER.layer)).toBe(count < 3 ? 'l3' : 'l1a');
      }
      const stoppedAt = performance.now();
      await sent();
      // A batch may take the collector 10 seconds; the end of the process waits 3.
      expect(performance.now() - stoppedAt).toBeLessThan(8_000);
      expect(collector.spans).toEqual([]);
      if (mood === 'silent') return;
      await vi.waitFor(() => expect(told()).toHaveLength(2));
      for (const line of told()) expect(line).toMatchObject({ level: 40, lost: expect.any(Number) });
    },
  );
});
