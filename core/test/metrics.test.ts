import { createServer } from 'node:net';
import {
  chatBody,
  chatRequest,
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { ERROR_CODES } from '@isartor/shared';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CACHE_EVENTS } from '../src/telemetry/metrics.port.ts';
import { PrometheusMetrics } from '../src/telemetry/prometheus-metrics.ts';
import { startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
let upstream: FakeUpstream;
const running: { stop(): Promise<unknown> }[] = [];

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
  await upstream.close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

interface MeasuredCore {
  readonly core: RunningCore;
  readonly origin: string;
  /** The series and their values: `isartor_x{label="value"}` → 1. */
  series(): Promise<ReadonlyMap<string, number>>;
}

async function startMeasured(env: Readonly<Record<string, string>> = {}): Promise<MeasuredCore> {
  const port = await freePort();
  const core = await startCore(upstream.url, { ISARTOR__METRICS_PORT: String(port), ...env });
  running.push(core);
  const origin = `http://127.0.0.1:${port}`;
  return { core, origin, series: async () => seriesOf(await (await fetch(`${origin}/metrics`)).text()) };
}

function seriesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

async function ask(core: RunningCore, text: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await core.post(CHAT, chatRequest(text), headers);
  await response.text();
  return response.status;
}

const requests = (layer: string, outcome: string, status: number) =>
  `isartor_requests_total{layer="${layer}",outcome="${outcome}",operation="openai.chat",status="${status}"}`;

describe('a histogram', () => {
  it('counts each duration in its bucket and in all above it', async () => {
    const metrics = new PrometheusMetrics();
    const inBuckets = [0.0005, 0.0006, 0.003, 901];
    for (const seconds of inBuckets) metrics.layer('l1a', seconds);
    const series = seriesOf(await metrics.text());
    await metrics.stop();
    const below = (le: string) => series.get(`isartor_layer_duration_seconds_bucket{layer="l1a",le="${le}"}`);
    expect(['0.0005', '0.001', '0.0025', '0.005', '900', '+Inf'].map(below)).toEqual([1, 2, 2, 3, 3, 4]);
    expect(series.get('isartor_layer_duration_seconds_count{layer="l1a"}')).toBe(4);
    expect(series.get('isartor_layer_duration_seconds_sum{layer="l1a"}')).toBeCloseTo(901.0041, 6);
  });
});

describe('GET /metrics', () => {
  it('tells requests and durations by layer and outcome, cache events and errors', async () => {
    const { core, series } = await startMeasured();
    await ask(core, 'one');
    await ask(core, 'one');
    await ask(core, 'one');
    await ask(core, 'one', { 'cache-control': 'no-store' });
    upstream.respondWith(errorAnswer(400, 'no'));
    expect(await ask(core, 'two')).toBe(400);
    upstream.respondWith({ kind: 'refuse' });
    expect(await ask(core, 'three')).toBe(502);
    expect((await core.post(CHAT, '{', {})).status).toBe(400);
    expect((await core.get('/v1/nowhere')).status).toBe(404);
    expect((await core.post(CHAT, chatRequest('x'), { authorization: 'Bearer wrong' })).status).toBe(401);

    const figures = await series();
    expect(Object.fromEntries(figures)).toMatchObject({
      [requests('l1a', 'ok', 200)]: 2,
      [requests('l3', 'ok', 200)]: 2,
      [requests('l3', 'refused', 400)]: 1,
      [requests('l3', 'failed', 502)]: 1,
      'isartor_requests_total{layer="none",outcome="refused",operation="none",status="404"}': 1,
      'isartor_requests_total{layer="l0",outcome="refused",operation="none",status="401"}': 1,
      'isartor_request_duration_seconds_count{layer="l1a",outcome="ok"}': 2,
      'isartor_request_duration_seconds_bucket{layer="l1a",outcome="ok",le="+Inf"}': 2,
      'isartor_layer_duration_seconds_count{layer="l1a"}': 6,
      'isartor_cache_events_total{event="hit",why="none"}': 2,
      'isartor_cache_events_total{event="miss",why="absent"}': 3,
      'isartor_cache_events_total{event="bypass",why="no-store"}': 1,
      'isartor_errors_total{code="invalid_json"}': 1,
      'isartor_errors_total{code="invalid_api_key"}': 1,
      'isartor_errors_total{code="not_found"}': 1,
    });
    const seconds = figures.get('isartor_request_duration_seconds_sum{layer="l1a",outcome="ok"}');
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(5);
  });

  it('tells how many requests are in flight, how late the event loop is, and nothing twice', async () => {
    const { core, series, origin } = await startMeasured();
    const gate = Promise.withResolvers<void>();
    upstream.respondWith(async () => {
      await gate.promise;
      return jsonAnswer(chatBody('late'));
    });
    const waiting = [ask(core, 'a'), ask(core, 'b')];
    await upstream.request(2);
    expect((await series()).get('isartor_requests_in_flight')).toBe(2);
    const figures = await vi.waitFor(async () => {
      // Two probes of the loop, and between them something that keeps it busy.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const until = performance.now() + 150;
      while (performance.now() < until);
      const taken = await series();
      expect(taken.get('isartor_event_loop_delay_seconds{quantile="1"}')).toBeGreaterThan(0.05);
      return taken;
    });
    expect(figures.get('isartor_event_loop_delay_seconds{quantile="0.5"}')).toBeLessThan(0.5);
    gate.resolve();
    await Promise.all(waiting);
    const text = await (await fetch(`${origin}/metrics`)).text();
    const names = text.match(/^# TYPE \S+/gm) ?? [];
    expect(names.length).toBeGreaterThan(4);
    expect(new Set(names).size).toBe(names.length);
  });

  it('tells the threshold of the semantic cache beside the one it is calibrated for', async () => {
    const told = async (env: Record<string, string>) => {
      const figures = await (await startMeasured(env)).series();
      return ['configured', 'calibrated'].map((kind) => figures.get(`isartor_semantic_threshold{kind="${kind}"}`));
    };
    const builtin = { ISARTOR__SEMANTIC_CACHE__EMBEDDER: 'builtin' };
    expect(await told({ ...builtin, ISARTOR__SIMILARITY_THRESHOLD: '0.5' })).toEqual([0.5, 0.85]);
    expect(await told(builtin)).toEqual([0.85, 0.85]);
    expect(await told({ ISARTOR__SIMILARITY_THRESHOLD: '0.5' })).toEqual([0.5, undefined]);
    expect(await told({ ISARTOR__CACHE_MODE: 'exact' })).toEqual([undefined, undefined]);
  });

  it('is there alone, on its own port alone', async () => {
    const { core, origin } = await startMeasured();
    expect((await fetch(`${origin}/metrics?x=1`)).headers.get('content-type')).toMatch(/^text\/plain/);
    expect((await fetch(`${origin}/`)).status).toBe(404);
    expect((await fetch(`${origin}/v1/models`)).status).toBe(404);
    expect((await fetch(`${origin}/metrics`, { method: 'POST' })).status).toBe(405);
    expect((await core.get('/metrics')).status).toBe(404);
  });

  it('ends with the core, and the port is free again', async () => {
    const { core, origin } = await startMeasured();
    await (await fetch(`${origin}/metrics`)).text();
    await core.stop();
    running.length = 0;
    await expect(fetch(`${origin}/metrics`)).rejects.toThrow();
  });

  it('a port that is taken fails the start and says what to do', async () => {
    const { origin } = await startMeasured();
    const { port } = new URL(origin);
    await expect(startCore(upstream.url, { ISARTOR__METRICS_PORT: port })).rejects.toThrow(
      new RegExp(`port of the metrics, ${port} on 127.0.0.1, is taken: set ISARTOR__METRICS_PORT`),
    );
  });
});

describe('the number of series', () => {
  it('stays bounded, and free of what callers and providers write, whatever they do', async () => {
    const tenants = Array.from({ length: 20 }, (_, index) => ({
      tenant: `evil-tenant-${index}`,
      name: `evil-name-${index}`,
      sha256: index.toString(16).padStart(64, '0'),
    }));
    const { core, series } = await startMeasured({
      ISARTOR__AUTH__KEYS: JSON.stringify(tenants),
      ISARTOR__LIMITS__BODY_BYTES: '2048',
    });
    let served = 0;
    upstream.respondWith(() => {
      const status = 200 + ((served += 1) % 400);
      return status < 300
        ? jsonAnswer(chatBody('evil answer', { model: `evil-model-${served}` }))
        : errorAnswer(status, 'evil');
    });
    const hostile = async (index: number): Promise<void> => {
      const evil = `evil-${index}`;
      const all: Promise<Response>[] = [
        core.post(CHAT, chatRequest(evil, { model: evil, user: evil }), { 'x-isartor-session-id': evil }),
        core.post(CHAT, chatRequest(evil), { 'cache-control': evil, 'x-isartor-bypass': evil, 'x-request-id': evil }),
        core.post(CHAT, chatRequest(evil), { authorization: `Bearer ${evil}` }),
        core.post(`${CHAT}?api-version=${evil}`, chatRequest(evil)),
        core.post(`/v1/${evil}`, chatRequest(evil)),
        core.post(CHAT, `{"${evil}":`),
        core.post('/api/chat', { prompt: evil, [evil]: evil }),
        core.get(`/v1/models/${evil}`),
        core.get(`/api/${evil}`, { authorization: `Bearer ${TEST_KEY}` }),
        fetch(`${core.origin}${CHAT}`, { method: ['PUT', 'PATCH', 'DELETE'][index % 3] ?? 'PUT' }),
      ];
      for (const response of await Promise.all(all)) await response.text();
    };
    for (let index = 0; index < 150; index += 1) await hostile(index);

    const figures = await series();
    expect([...figures.values()].filter((count) => count > 0).length).toBeGreaterThan(20);
    expect(figures.size).toBeLessThan(900);
    expect([...figures.keys()].filter((name) => name.includes('evil'))).toEqual([]);
    const labels = [...figures.keys()].flatMap((name) => [...name.matchAll(/(\w+)="([^"]*)"/g)]);
    const known = [
      'layer',
      'outcome',
      'operation',
      'status',
      'event',
      'why',
      'mode',
      'kind',
      'code',
      'le',
      'quantile',
      'breaker',
      'provider',
      'model',
      'type',
      'gen_ai_operation_name',
      'gen_ai_provider_name',
      'gen_ai_request_model',
      'gen_ai_token_type',
      'error_type',
    ];
    expect(labels.map(([, name]) => name).filter((name) => !known.includes(name ?? ''))).toEqual([]);
    const before = figures.size;
    for (let index = 150; index < 200; index += 1) await hostile(index);
    expect((await series()).size).toBeLessThanOrEqual(before + 20);
  }, 60_000);

  it('is bounded by the closed sets even where an adapter passes on any text', async () => {
    const metrics = new PrometheusMetrics();
    for (let index = 0; index < 5_000; index += 1) {
      metrics.retry(`provider ${index}`);
      metrics.breaker(`breaker ${index}`, 'open');
      metrics.cacheEvent(CACHE_EVENTS[index % CACHE_EVENTS.length] ?? 'hit', `why ${index}`);
      metrics.request({ layer: 'l3', outcome: 'ok', operation: undefined, status: index }, 1);
    }
    metrics.error('internal');
    const figures = seriesOf(await metrics.text());
    const count = (name: string) => [...figures.keys()].filter((key) => key.startsWith(name)).length;
    expect(count('isartor_retries_total')).toBe(65);
    expect(figures.get('isartor_retries_total{provider="other"}')).toBe(5_000 - 64);
    expect(count('isartor_breaker_state')).toBe(65);
    expect(count('isartor_cache_events_total')).toBe(CACHE_EVENTS.length);
    expect(count('isartor_requests_total')).toBeLessThan(30);
    expect(count('isartor_errors_total')).toBeLessThanOrEqual(Object.keys(ERROR_CODES).length);
    await metrics.stop();
  });
});

describe('what is saved', () => {
  it('is counted for answers from l1a alone here, by their tokens and their price, and for no other', async () => {
    const { core, series } = await startMeasured();
    const usage = { prompt_tokens: 1_000, completion_tokens: 200, total_tokens: 1_200 };
    upstream.respondWith(jsonAnswer(chatBody('known', { model: 'gpt-4o-mini', usage })));
    await ask(core, 'priced');
    const before = await series();
    expect([...before.keys()].filter((name) => name.includes('saved'))).toEqual([]);
    await ask(core, 'priced');
    await ask(core, 'priced');
    const figures = await series();
    expect(figures.get('isartor_tokens_saved_total{layer="l1a",type="input"}')).toBe(2_000);
    expect(figures.get('isartor_tokens_saved_total{layer="l1a",type="output"}')).toBe(400);
    expect(figures.get('isartor_cost_saved_usd_total{layer="l1a"}')).toBeCloseTo(2 * (0.00015 + 0.00012), 9);
    expect([...figures.keys()].filter((name) => name.includes('saved'))).toHaveLength(3);
  });

  it('and what was spent is counted by what its tokens cost, at a price of the operator’s own', async () => {
    const { core, series } = await startMeasured({
      ISARTOR__PRICES: JSON.stringify({ 'gpt-4o-mini': { input: 100, output: 1_000, cached_input: 10 } }),
    });
    const usage = { prompt_tokens: 1_000, completion_tokens: 200, prompt_tokens_details: { cached_tokens: 400 } };
    upstream.respondWith(jsonAnswer(chatBody('dear', { usage })));
    const cost = async (text: string, headers: Record<string, string> = {}) => {
      const response = await core.post(CHAT, chatRequest(text), headers);
      await response.text();
      return response.headers.get('x-isartor-cost');
    };
    expect(await cost('dear')).toBe('0.264');
    expect(await cost('dear')).toBe('0;saved=0.264');
    // What no cache keeps has its price all the same.
    expect(await cost('dear', { 'cache-control': 'no-store' })).toBe('0.264');
    const figures = await series();
    const spent = 'isartor_cost_spent_usd_total{layer="l3",provider="openai",model="gpt-4o-mini"}';
    expect(figures.get(spent)).toBeCloseTo(0.528, 9);
    expect(figures.get('isartor_cost_saved_usd_total{layer="l1a"}')).toBeCloseTo(0.264, 9);
  });

  it('and what was asked of a model is told by the conventions for generative AI', async () => {
    const { core, series } = await startMeasured();
    const usage = { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 };
    upstream.respondWith(jsonAnswer(chatBody('said', { usage })));
    await ask(core, 'measured');
    upstream.respondWith(errorAnswer(400, 'no'));
    await ask(core, 'refused');
    const labels = 'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini"';
    expect(Object.fromEntries(await series())).toMatchObject({
      [`gen_ai_client_operation_duration_count{${labels}}`]: 1,
      [`gen_ai_client_operation_duration_count{${labels},error_type="4xx"}`]: 1,
      [`gen_ai_client_token_usage_sum{${labels},gen_ai_token_type="input"}`]: 10,
      [`gen_ai_client_token_usage_sum{${labels},gen_ai_token_type="output"}`]: 3,
    });
  });

  it('the keys of a provider that rest are counted, and those that do not are told', async () => {
    const { core, series } = await startMeasured({ ISARTOR__EXTERNAL_LLM_API_KEY: 'one,two,three' });
    upstream.respondWith(({ headers }) =>
      headers['authorization'] === 'Bearer one' ? errorAnswer(401, 'no') : jsonAnswer(chatBody('said')),
    );
    await ask(core, 'one');
    const figures = await series();
    expect(figures.get('isartor_provider_keys_ready{provider="openai"}')).toBe(2);
    const rests = 'isartor_provider_key_rests_total{provider="openai",key="key-1",why="revoked"}';
    expect(figures.get(rests)).toBe(1);
  });

  it('the sizes of caches and queues are told, and of the event loop to as many as ask', async () => {
    const { core, series } = await startMeasured();
    await ask(core, 'kept');
    const figures = await series();
    expect(figures.get('isartor_cache_entries')).toBe(1);
    expect(figures.get('isartor_cache_bytes')).toBeGreaterThan(1_000);
    for (const name of ['isartor_embedding_queue', 'isartor_vector_index_entries', 'isartor_bytes_in_flight']) {
      expect(figures.get(name)).toBe(0);
    }
  });
});

describe('a breaker', () => {
  it('has no series any more when what it watched is gone, and leaves room for another', async () => {
    const metrics = new PrometheusMetrics();
    for (let index = 0; index < 200; index += 1) {
      metrics.breaker(`l2 10.0.0.${index}`, 'open');
      metrics.breakerGone(`l2 10.0.0.${index}`);
    }
    metrics.breakerGone('never heard of');
    metrics.breaker('l2 10.0.1.1', 'closed');
    const series = (await metrics.text()).split('\n').filter((line) => line.startsWith('isartor_breaker_state{'));
    expect(series).toEqual(['isartor_breaker_state{breaker="l2 10.0.1.1"} 0']);
    await metrics.stop();
  });

  it('is told by its state as it is now', async () => {
    const metrics = new PrometheusMetrics();
    metrics.breaker('redis', 'open');
    metrics.breaker('openai', 'closed');
    metrics.breaker('redis', 'half-open');
    const figures = seriesOf(await metrics.text());
    expect(figures.get('isartor_breaker_state{breaker="redis"}')).toBe(1);
    expect(figures.get('isartor_breaker_state{breaker="openai"}')).toBe(0);
    await metrics.stop();
  });
});
