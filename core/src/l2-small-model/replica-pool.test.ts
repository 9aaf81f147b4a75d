import { GatewayError } from '@isartor/shared';
import { afterEach, expect, test } from 'vitest';
import { ManualTime } from '../../test/support/manual-time.ts';
import { REAL_TIME } from '../upstream/time.ts';
import type { ModelBackend, ServedModel, ServerLoad } from './model-backend.port.ts';
import type { Replica } from './replica.ts';
import { ReplicaPool, type ReplicaPoolOptions } from './replica-pool.ts';

/** How each server is; who is not in it is not there. */
let servers: Record<
  string,
  { state: 'ready' | 'loading'; models: readonly ServedModel[]; load?: ServerLoad | undefined }
>;
let pool: ReplicaPool;
const changes: string[] = [];
const closed: string[] = [];
const small = { name: 'small', contextTokens: 100 };

afterEach(async () => {
  await pool.close();
  changes.length = 0;
  closed.length = 0;
});

function backend(url: string): ModelBackend {
  const server = () => {
    const known = servers[url];
    if (known === undefined) throw new GatewayError('upstream_unreachable', 'nobody there');
    return known;
  };
  const unexpected = () => Promise.reject(new Error('not asked in these tests'));
  return {
    name: 'vllm',
    url,
    asksUsage: true,
    ignores: new Set(),
    logprobs: undefined,
    health: async () => server().state,
    servedModels: async () => server().models,
    load: async () => server().load,
    labelProbability: unexpected,
    call: unexpected,
    close: async () => void closed.push(url),
  };
}

async function start(options: Partial<ReplicaPoolOptions> = {}): Promise<void> {
  const told = Object.keys(servers).length;
  pool = new ReplicaPool({
    addresses: async () => Object.keys(servers).map((url) => ({ url })),
    connect: ({ url }) => backend(url),
    model: 'small',
    breaker: { failures: 3, openMs: 10_000 },
    maxOutstanding: 2,
    maxQueued: 3,
    time: new ManualTime(),
    random: Math.random,
    onBreakerChange: () => undefined,
    onGone: () => undefined,
    onChange: ({ backend: { url }, state }) => void changes.push(`${url} ${state}`),
    ...options,
  });
  pool.start();
  await expect.poll(() => changes.length).toBe(told);
}

function picked(passedOver?: ReadonlySet<Replica>): Replica {
  const found = pool.pick(passedOver);
  if (typeof found === 'string') throw new Error(found);
  return found.replica;
}

const ready = { state: 'ready', models: [small] } as const;

test('takes the less busy of two', async () => {
  servers = { a: ready, b: ready };
  await start();
  const first = picked();
  first.outstanding = 1;
  for (let i = 0; i < 20; i++) expect(picked()).not.toBe(first);
});

test('shares out among many, and compares just two of them', async () => {
  servers = { a: ready, b: ready, c: ready };
  const draws = [0, 0, 0.5, 0.5, 0.99, 0.99];
  await start({ random: () => draws.shift() ?? 0 });
  const [a, b, c] = [picked(), picked(), picked()].map(({ backend: { url } }) => url);
  expect([a, b, c]).toEqual(['a', 'b', 'c']);
});

test('passes over who is full, whose breaker is open, who is loading and who was asked already', async () => {
  servers = { a: ready, b: ready };
  await start();
  const a = picked();
  const b = picked(new Set([a]));
  expect(b).not.toBe(a);
  expect(pool.pick(new Set([a, b]))).toBe('down');
  a.outstanding = 2;
  expect(picked()).toBe(b);
  b.outstanding = 2;
  expect(pool.pick()).toBe('busy');
  for (const replica of [a, b]) for (let i = 0; i < 3; i++) replica.breaker.begin().failed();
  expect(pool.pick()).toBe('open');
  a.state = 'loading';
  b.state = 'down';
  expect(pool.pick()).toBe('loading');
});

test('weighs what waits at a server, whoever sent it, and of two alike the room in their caches', async () => {
  const time = new ManualTime();
  servers = {
    a: { ...ready, load: { queued: 2, cacheUse: 0.1 } },
    b: { ...ready, load: { queued: 0, cacheUse: 0.9 } },
  };
  await start({ time });
  const b = picked();
  expect(b.backend.url).toBe('b');
  b.outstanding = 1;
  expect(picked()).toBe(b);
  b.told({ queued: 1, cacheUse: 0.9 });
  expect(picked().backend.url).toBe('a');
  b.told({ queued: 3, cacheUse: 0.9 });
  expect(pool.pick(new Set([picked()]))).toBe('busy');
  // Nobody has heard of them since: what they said then says nothing now.
  time.advance(6_000);
  expect(picked().backend.url).toBe('a');
  expect(typeof pool.pick(new Set([picked()]))).toBe('object');
});

test('chooses by its own requests alone where a server tells no figures, or fails to', async () => {
  servers = { a: ready, b: { ...ready, load: { queued: 0, cacheUse: 1 } } };
  await start();
  const asked = [picked(), picked(new Set([picked()]))];
  for (const replica of asked) {
    replica.told(undefined);
    expect([replica.burden, replica.cacheUse, replica.tellsLoad]).toEqual([0, 0, false]);
  }
});

test('lets a request wait for a pool that wakes, and not longer than it may', async () => {
  servers = { a: { state: 'loading', models: [] } };
  await start({ time: REAL_TIME });
  const never = new AbortController().signal;
  expect(await pool.takeWaking(0, never)).toBe('loading');
  expect(await pool.takeWaking(30, never)).toBe('loading');
  const waiting = pool.takeWaking(20_000, never);
  servers = { a: ready };
  expect(await waiting).toMatchObject({ model: small });
  expect(await pool.takeWaking(20_000, never)).toMatchObject({ model: small });
});

test('a request whose client leaves does not wait on', async () => {
  servers = { a: { state: 'loading', models: [] } };
  await start({ time: REAL_TIME });
  const client = new AbortController();
  const waiting = pool.takeWaking(60_000, client.signal);
  client.abort(new Error('left'));
  await expect(waiting).rejects.toThrow('left');
});

test('forgets an open breaker when the server was away and is back', async () => {
  servers = { a: ready };
  await start();
  for (let i = 0; i < 3; i++) picked().breaker.begin().failed();
  await expect.poll(() => pool.pick()).toBe('open');
  servers = { a: { state: 'loading', models: [] } };
  await expect.poll(() => changes, { timeout: 5_000 }).toContain('a loading');
  servers = { a: ready };
  await expect.poll(() => typeof pool.pick(), { timeout: 5_000 }).toBe('object');
});

test('uses a server that comes as soon as it is well, and lets go of one that goes', async () => {
  servers = { a: ready };
  await start();
  servers = { b: ready };
  await expect.poll(() => changes, { timeout: 5_000 }).toContain('b ready');
  expect(picked().backend.url).toBe('b');
  expect(pool.pick(new Set([picked()]))).toBe('down');
  expect(pool.health()).toEqual({ status: 'up' });
});

test('tells that a server is gone, and no more of its breaker however it ends what it still answers', async () => {
  servers = { a: ready };
  const told: string[] = [];
  await start({
    onGone: (url) => told.push(`${url} gone`),
    onBreakerChange: (url, state) => told.push(`${url} ${state}`),
  });
  const still = Array.from({ length: 3 }, () => picked().breaker.begin());
  servers = { b: ready };
  await expect.poll(() => changes, { timeout: 5_000 }).toContain('b ready');
  for (const call of still) call.failed();
  expect(told).toEqual(['a gone']);
  for (let i = 0; i < 3; i++) picked().breaker.begin().failed();
  expect(told).toEqual(['a gone', 'b open']);
});

test('asks on whom it knows while names cannot be resolved', async () => {
  servers = { a: ready };
  let isBroken = false;
  await start({ addresses: async () => (isBroken ? Promise.reject(new Error('SERVFAIL')) : [{ url: 'a' }]) });
  isBroken = true;
  servers = { a: { state: 'loading', models: [] } };
  await expect.poll(() => changes, { timeout: 5_000 }).toContain('a loading');
  expect(pool.pick()).toBe('loading');
});

test('learns at once how a server is while another says nothing and names are not resolved', async () => {
  servers = { b: { state: 'loading', models: [] } };
  const lists = [Promise.resolve([{ url: 'a' }, { url: 'b' }])];
  const silent = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  await start({
    time: REAL_TIME,
    addresses: async () => lists.shift() ?? silent(AbortSignal.timeout(2_000)),
    connect: ({ url }) => (url === 'a' ? { ...backend(url), health: silent } : backend(url)),
  });
  const waiting = pool.takeWaking(1_000, new AbortController().signal);
  servers = { b: ready };
  expect(await waiting).toMatchObject({ replica: { backend: { url: 'b' } } });
});

test('an empty pool is down, and says how many there are', async () => {
  servers = {};
  await start();
  expect(pool.pick()).toBe('down');
  expect(pool.health()).toEqual({ status: 'down', detail: '0 of 0 servers ready' });
});
