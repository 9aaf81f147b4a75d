import { HEADER, type JsonObject } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  chatStream,
  fakeUpstream,
  jsonAnswer,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Metrics } from '../src/telemetry/metrics.port.ts';
import { PrometheusMetrics } from '../src/telemetry/prometheus-metrics.ts';
import { fakePool, type FakePool, type FakePoolBehaviour } from './support/fake-pool.ts';
import { freePort } from './support/free-port.ts';
import { startCoreWithPool, untilPool, type PoolStatus } from './support/small-model.ts';
import { layerOf, TEST_EDGE_SECRET, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';

let cloud: FakeUpstream;
let core: RunningCore;
const started: (() => Promise<void>)[] = [];

beforeEach(async () => {
  cloud = await fakeUpstream({ respond: wellBehaved });
  started.push(() => cloud.close());
});

afterEach(async () => {
  for (const stop of started.splice(0).toReversed()) await stop();
});

async function server(behaviour: FakePoolBehaviour = {}): Promise<FakePool> {
  const pool = await fakePool('vllm', behaviour);
  started.push(() => pool.upstream.close());
  return pool;
}

async function start(
  pools: readonly FakePool[],
  env: Readonly<Record<string, string>> = {},
  status: PoolStatus = 'up',
): Promise<void> {
  const urls = pools.map(({ url }) => url).join(', ');
  core = await startCoreWithPool(
    cloud,
    { ISARTOR__ROUTER_BACKEND: 'vllm', ISARTOR__VLLM_URL: urls, ISARTOR__VLLM_MODEL: 'small', ...env },
    status,
  );
  started.push(() => core.stop());
}

const auto = (text: string, overrides: JsonObject = {}): JsonObject =>
  chatRequest(text, { model: 'isartor/auto', ...overrides });

/** Figures are only kept where somebody can read them. */
async function measured(): Promise<Readonly<Record<string, string>>> {
  return { ISARTOR__METRICS_PORT: String(await freePort()) };
}

async function figures(): Promise<string> {
  const metrics: unknown = core.app.get(Metrics);
  return metrics instanceof PrometheusMetrics ? metrics.text() : '';
}

function routeOf(response: Response): string | null {
  return response.headers.get(HEADER.route);
}

it('asks the only model that the pool serves where it does not serve the configured one, and counts that', async () => {
  const pool = await server({ models: ['microsoft/Phi-3-mini-4k-instruct'] });
  await start([pool], { ...(await measured()), ISARTOR__VLLM_MODEL: 'gemma-2-2b-it' });
  const response = await core.post(CHAT, auto('x'));
  expect([layerOf(response), response.headers.get(HEADER.model)]).toEqual(['l2', 'microsoft/Phi-3-mini-4k-instruct']);
  expect(await response.json()).toMatchObject({ model: 'microsoft/Phi-3-mini-4k-instruct' });
  expect(await figures()).toContain('isartor_l2_model_fallbacks_total 1');
});

it('gives what a model that stood in has said only as long as that one does', async () => {
  const pool = await server({ models: ['phi'] });
  await start([pool], { ISARTOR__VLLM_MODEL: 'gemma' });
  const edge = { [HEADER.edgeAuth]: TEST_EDGE_SECRET };
  const first = await core.post(CHAT, auto('x'), edge);
  expect(layerOf(first)).toBe('l2');
  const again = await core.post(CHAT, auto('x'), edge);
  expect([layerOf(again), again.headers.get(HEADER.model)]).toEqual(['l1a', 'phi']);
  // The edge could not tell when it does no more.
  expect([first, again].map(({ headers }) => headers.get(HEADER.stored))).toEqual([null, null]);
  pool.behaviour.models = ['llama'];
  const asked = async () => (await core.post(CHAT, auto(`${Math.random()}`))).headers.get(HEADER.model);
  await expect.poll(asked, { timeout: 10_000 }).toBe('llama');
  const fresh = await core.post(CHAT, auto('x'));
  expect([layerOf(fresh), fresh.headers.get(HEADER.model)]).toEqual(['l2', 'llama']);
  expect(layerOf(await core.post(CHAT, auto('x')))).toBe('l1a');
});

it('guesses nothing among several: L2 is passed over, and /readyz names them', async () => {
  const pool = await server({ models: ['phi', 'gemma'] });
  await start([pool], {}, 'degraded');
  const response = await core.post(CHAT, auto('x'));
  expect([layerOf(response), routeOf(response)]).toEqual(['l3', 'l3;why=model']);
  const ready = await core.get('/readyz');
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({
    checks: {
      small_model: {
        status: 'degraded',
        detail: 'set ISARTOR__VLLM_MODEL to one of the models it serves: phi, gemma',
      },
    },
  });
});

it('notices a model that was changed under it', async () => {
  const pool = await server();
  await start([pool]);
  pool.behaviour.models = ['other'];
  // The server does not know the name any more: this one goes to the cloud.
  expect(routeOf(await core.post(CHAT, auto('first')))).toBe('l3;p=1.00;why=refused');
  const modelOfNext = async () => (await core.post(CHAT, auto(`${Math.random()}`))).headers.get(HEADER.model);
  await expect.poll(modelOfNext, { timeout: 10_000 }).toBe('other');
});

it('asks another server where one fails, within the same request', async () => {
  const [sick, well] = [await server(), await server()];
  sick.behaviour.answer = () => ({ kind: 'refuse' });
  await start([sick, well]);
  for (let i = 0; i < 10; i++) expect(layerOf(await core.post(CHAT, auto(`x${i}`)))).toBe('l2');
  expect(well.chats()).toHaveLength(10);
  expect(sick.chats().length).toBeGreaterThan(0);
  expect(sick.chats().length).toBeLessThanOrEqual(3);
});

it('passes over a server at which too much waits, by its own figures', async () => {
  const [queueing, idle] = [await server(), await server()];
  queueing.behaviour.figures = 'vllm:num_requests_waiting{engine="0",model_name="small"} 9.0\n';
  await start([queueing, idle], { ISARTOR__LAYER2__MAX_QUEUED: '9' });
  for (let i = 0; i < 6; i++) expect(layerOf(await core.post(CHAT, auto(`x${i}`)))).toBe('l2');
  expect(queueing.chats()).toHaveLength(0);
});

it('lets a request wait for a pool that wakes where that is wished for, and uses its first server at once', async () => {
  const pool = await server({ loading: true });
  await start([pool], { ISARTOR__LAYER2__WAKE_WAIT_MS: '15000' }, 'down');
  const waiting = core.post(CHAT, auto('x'));
  await expect.poll(() => core.inFlight()).toBe(1);
  pool.behaviour.loading = false;
  expect(layerOf(await waiting)).toBe('l2');
});

it('waits no longer for a pool than it may', async () => {
  const pool = await server({ loading: true });
  await start([pool], { ISARTOR__LAYER2__WAKE_WAIT_MS: '50' }, 'down');
  const response = await core.post(CHAT, auto('x'));
  expect([layerOf(response), routeOf(response)]).toEqual(['l3', 'l3;why=loading']);
});

it('shares requests out among its servers', async () => {
  const pools = [await server(), await server()];
  const open = Promise.withResolvers<void>();
  for (const pool of pools) {
    pool.behaviour.answer = async (_, asked) => {
      await open.promise;
      return jsonAnswer(chatBody('Fine.', { model: asked['model'] ?? null }));
    };
  }
  await start(pools);
  const calls = Array.from({ length: 20 }, (_, i) => core.post(CHAT, auto(`x${i}`)));
  await expect.poll(() => pools.reduce((sum, pool) => sum + pool.chats().length, 0)).toBe(20);
  open.resolve();
  expect((await Promise.all(calls)).map(layerOf)).toEqual(Array(20).fill('l2'));
  expect(pools.map((pool) => pool.chats().length)).toEqual([10, 10]);
});

it('goes on without a failed request while one server after the other is taken away under load', async () => {
  const pools = [await server(), await server()];
  await start(pools);
  let isLoaded = true;
  let sent = 0;
  const statuses: number[] = [];
  const client = async (): Promise<void> => {
    while (isLoaded) {
      const response = await core.post(CHAT, auto(`load ${(sent += 1)}`, { stream: sent % 2 === 0 }));
      await response.text();
      statuses.push(response.status);
    }
  };
  const answered = (count: number) => expect.poll(() => statuses.length, { timeout: 10_000 }).toBeGreaterThan(count);
  const clients = Array.from({ length: 8 }, client);
  for (const [index, pool] of pools.entries()) {
    await answered(20 * (index + 1));
    await pool.upstream.refuseConnections();
  }
  await untilPool(core, 'down');
  await answered(statuses.length + 20);
  for (const pool of pools) await pool.upstream.acceptConnections();
  await untilPool(core, 'up');
  await answered(statuses.length + 20);
  isLoaded = false;
  await Promise.all(clients);
  expect(new Set(statuses)).toEqual(new Set([200]));
});

it('asleep, lets the cloud answer at once, counts who wanted it, and is used as soon as it wakes', async () => {
  const pool = await server();
  await pool.upstream.refuseConnections();
  await start([pool], await measured(), 'down');
  expect(await figures()).toMatch(/^isartor_l2_pending_requests 0$/m);
  const responses = await Promise.all(Array.from({ length: 3 }, (_, i) => core.post(CHAT, auto(`x${i}`))));
  expect(responses.map(routeOf)).toEqual(['l3;why=down', 'l3;why=down', 'l3;why=down']);
  // Who may not be answered by it does not wake it.
  await core.post(CHAT, chatRequest('x', { model: 'gpt-4o' }));
  await core.post(CHAT, auto('x', { n: 2 }));
  expect(await figures()).toMatch(/^isartor_l2_pending_requests [123]$/m);
  expect(await figures()).toMatch(/^isartor_l2_wanted 3$/m);
  expect(await figures()).toContain('isartor_l2_routes_total{route="l3",why="down"} 3');
  await pool.upstream.acceptConnections();
  await untilPool(core, 'up');
  expect(layerOf(await core.post(CHAT, auto('awake')))).toBe('l2');
});

it('finds the servers behind a name', async () => {
  const pool = await server();
  // Whether it also has an address of IPv6, where nobody listens, is the machine's.
  const byName = { ISARTOR__LAYER2__DISCOVERY: 'dns', ISARTOR__VLLM_URL: pool.url.replace('127.0.0.1', 'localhost') };
  await start([pool], byName, 'usable');
  expect(layerOf(await core.post(CHAT, auto('x')))).toBe('l2');
});

it('sends its key to the pool, and no key of the caller’s or the cloud’s', async () => {
  const pool = await server();
  await start([pool], { ISARTOR__LAYER2__API_KEY: 'pool-key' });
  await core.post(CHAT, auto('x'));
  const keys = new Set(pool.upstream.requests.map(({ headers }) => headers['authorization']));
  expect(keys).toEqual(new Set(['Bearer pool-key']));
});

describe('agreement with the cloud', () => {
  const LONG = 'The capital of Austria is Vienna, a city on the Danube.';
  const named = (text: string, overrides: JsonObject = {}): JsonObject =>
    chatRequest(text, { model: 'gpt-4o', ...overrides });

  it('is counted by model, of plain answers and streams, and nobody is told', async () => {
    const pool = await server();
    await start([pool], { ...(await measured()), ISARTOR__LAYER2__AGREEMENT_SHARE: '1' });
    cloud.respondWith((request) => {
      const { stream = false } = request.json() as { stream?: boolean };
      return stream ? chatStream(chatBody(LONG, { model: 'gpt-4o' })) : jsonAnswer(chatBody('B', { model: 'gpt-4o' }));
    });
    pool.behaviour.answer = () => jsonAnswer(chatBody('b.'));
    const plain = await core.post(CHAT, named('A or B?'));
    expect([layerOf(plain), routeOf(plain)]).toEqual(['l3', 'would-l2;p=1.00']);
    await expect.poll(figures).toContain('isartor_l2_agreement_total{model="gpt-4o",agreement="same"} 1');
    pool.behaviour.answer = () => jsonAnswer(chatBody('Bread is made of flour, water, salt and yeast.'));
    const streamed = await core.post(CHAT, named('Where?', { stream: true, stream_options: { include_usage: true } }));
    expect(await streamed.text()).toContain('[DONE]');
    await expect.poll(figures).toContain('isartor_l2_agreement_total{model="gpt-4o",agreement="different"} 1');
    pool.behaviour.answer = () => jsonAnswer(chatBody("I'm sorry, I cannot say."));
    await core.post('/api/chat', { prompt: 'Where?', model: 'gpt-4o' });
    await expect.poll(figures).toContain('isartor_l2_agreement_total{model="gpt-4o",agreement="gated"} 1');
    // The small model is asked in one piece, by its own name.
    expect(pool.chats()).toHaveLength(3);
    for (const chat of pool.chats()) expect(chat).toMatchObject({ model: 'small' });
    expect(JSON.stringify(pool.chats())).not.toContain('stream');
  });

  it('is not asked for where a tenant has the small model switched off', async () => {
    const pool = await server();
    const adminKey = 'a-long-admin-key-for-tests-0123456789';
    const env = { ISARTOR__LAYER2__AGREEMENT_SHARE: '1', ISARTOR__ADMIN_KEY: adminKey };
    await start([pool], { ...(await measured()), ...env });
    const admin = { authorization: `Bearer ${adminKey}` };
    const off = await core.post('/api/v1/cache/off', { tenant: 'default', layer: 'l2' }, admin);
    expect(off.status).toBe(200);
    expect((await core.post(CHAT, named('x'))).status).toBe(200);
    await expect.poll(figures).toContain('agreement="unavailable"} 1');
    expect(pool.chats()).toHaveLength(0);
  });

  it('delays nobody, is asked for at most four at a time, and is called off at the end', async () => {
    const pool = await server();
    await start([pool], { ...(await measured()), ISARTOR__LAYER2__AGREEMENT_SHARE: '1' });
    pool.behaviour.answer = () => new Promise(() => undefined);
    for (let i = 0; i < 5; i++) expect((await core.post(CHAT, named(`x${i}`))).status).toBe(200);
    await expect.poll(figures).toContain('agreement="skipped"} 1');
    await expect.poll(() => pool.chats()).toHaveLength(4);
    await core.stop();
    started.pop();
    const asked = pool.upstream.requests.filter(({ path }) => path === CHAT);
    await Promise.all(asked.map(({ aborted }) => aborted));
  });
});

it('tells those who wait for the same answer, too, what was decided', async () => {
  const pool = await server();
  await start([pool]);
  const open = Promise.withResolvers<void>();
  pool.behaviour.answer = async () => {
    await open.promise;
    return jsonAnswer(chatBody('yes', { model: 'small' }));
  };
  const calls = [core.post(CHAT, auto('same')), core.post(CHAT, auto('same'))];
  await expect.poll(() => core.inFlight()).toBe(2);
  open.resolve();
  const answers = await Promise.all(calls);
  expect(answers.map(routeOf)).toEqual(['l2;p=1.00', 'l2;p=1.00']);
  expect(answers.map((answer) => answer.headers.get(HEADER.cache))).toContain('coalesced');
  expect(pool.chats()).toHaveLength(1);
});
