import { createHash, randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { compareEpochs, HEADER, tenantRecordKey, type TenantRecord } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';
import { createApp } from '../src/create-app.ts';
import { ExactCacheStore } from '../src/l1a-exact-cache/exact-cache-store.port.ts';
import { TenantRecords } from '../src/l1a-exact-cache/tenant-records/tenant-records.port.ts';
import { freePort } from './support/free-port.ts';
import { testRedis } from './support/redis.ts';
import { ownRedis } from './support/own-redis.ts';
import { layerOf, startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

const { redis, redisSkip, stopRedis } = await ownRedis();
const CHAT = '/v1/chat/completions';
const FEEDBACK = '/api/v1/feedback';
const OTHERS = { authorization: 'Bearer key-of-other' };
const KEYS = JSON.stringify([
  { tenant: 'other', name: 'web', sha256: createHash('sha256').update('key-of-other').digest('hex') },
]);

let upstream: FakeUpstream;
const running: { stop(): Promise<unknown> }[] = [];

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});
afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
  await upstream.close();
});
afterAll(stopRedis);

async function start(env: Readonly<Record<string, string>> = {}): Promise<RunningCore> {
  const copies = { ISARTOR__SEMANTIC_CACHE__MODE: 'serve' };
  const core = await startCore(upstream.url, { ISARTOR__AUTH__KEYS: KEYS, ...copies, ...env });
  running.push(core);
  return core;
}

async function onRedis(url: string, namespace: string): Promise<RunningCore> {
  const core = await start({
    ISARTOR__CACHE_BACKEND: 'redis',
    ISARTOR__REDIS_URL: url,
    ISARTOR__REDIS_TIMEOUT_MS: '1000',
    ISARTOR__CACHE_NAMESPACE: namespace,
  });
  const up = async () =>
    expect(await (await core.get('/readyz')).json()).toMatchObject({ checks: { exact_cache: { status: 'up' } } });
  await vi.waitFor(up, { timeout: 10_000 });
  return core;
}

/** Asks twice, and gives the digest of the answer that is now stored. */
async function fill(core: RunningCore, text: string, headers: Record<string, string> = {}): Promise<string> {
  await (await core.post(CHAT, chatRequest(text), headers)).text();
  const hit = await core.post(CHAT, chatRequest(text), headers);
  expect(layerOf(hit)).toBe('l1a');
  await hit.text();
  return hit.headers.get(HEADER.entry) ?? '';
}

async function layerFor(core: RunningCore, text: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await core.post(CHAT, chatRequest(text), headers);
  await response.text();
  return `${layerOf(response)} ${response.headers.get(HEADER.cache)}`;
}

async function report(core: RunningCore, body: object | string, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await core.post(FEEDBACK, text, headers);
  const answer = (await response.json()) as { message: string; error: string };
  return { status: response.status, answer, retryAfter: response.headers.get('retry-after') };
}

const wrong = (entry: string) => ({ entry, wrong: true });
const recordOf = (core: RunningCore, tenant = 'default'): Promise<TenantRecord | undefined> =>
  core.app.get<TenantRecords>(TenantRecords).read(tenant);

/** Makes of the stored answer `of` a copy of `source`, as the semantic cache does. */
async function copy(core: RunningCore, of: string, source: string): Promise<void> {
  const store = core.app.get<ExactCacheStore>(ExactCacheStore);
  const { entry } = await store.read('default', source);
  if (entry === undefined) throw new Error('there is no source');
  await store.write(of, { ...entry, meta: { ...entry.meta, origin: 'l1b', source } });
}

const backends = [
  { name: 'in memory', skipped: undefined, pair: () => start().then((core) => [core, core] as const) },
  {
    name: 'on Redis, told to one core and obeyed by another',
    skipped: redisSkip,
    pair: async () => {
      const namespace = `t${crypto.randomUUID()}`;
      return [await onRedis(redis, namespace), await onRedis(redis, namespace)] as const;
    },
  },
];

describe.each(backends)('$name', ({ pair, skipped }) => {
  it.skipIf(skipped !== undefined)('an answer that is reported wrong is served to nobody any more', async () => {
    const [one, other] = await pair();
    const digest = await fill(one, 'wrong');
    await fill(one, 'right');
    const quarantined = { entry: digest, quarantined: true, source: null, epoch_renewed: false };
    expect(await report(one, wrong(digest))).toEqual({ status: 200, answer: quarantined, retryAfter: null });
    expect(await layerFor(other, 'wrong')).toBe('l3 miss;why=quarantined');
    expect(await layerFor(other, 'right')).toBe('l1a hit');
    // What is stored under it meanwhile is not served either, and to say so again changes nothing.
    expect((await report(other, wrong(digest))).answer).toEqual(quarantined);
    expect((await recordOf(one))?.quarantine).toEqual([digest]);
  });

  it.skipIf(skipped !== undefined)('a report of a copy takes its source and all other copies with it', async () => {
    const [one, other] = await pair();
    const source = await fill(one, 'source');
    const [first, second] = [await fill(one, 'copy 1'), await fill(one, 'copy 2')];
    await copy(one, first, source);
    await copy(one, second, source);
    for (const text of ['copy 1', 'copy 2']) expect(await layerFor(other, text)).toBe('l1a hit');
    expect((await report(one, wrong(first))).answer).toMatchObject({ entry: first, source, quarantined: true });
    expect((await recordOf(other))?.quarantine).toEqual([source, first]);
    for (const text of ['source', 'copy 1', 'copy 2']) {
      expect(await layerFor(other, text)).toBe('l3 miss;why=quarantined');
    }
  });

  it.skipIf(skipped !== undefined)('nobody takes another tenant’s answer out of service', async () => {
    const [one, other] = await pair();
    const digest = await fill(one, 'ours');
    const theirs = await fill(one, 'ours', OTHERS);
    expect(theirs).not.toBe(digest);
    expect(await report(one, wrong(digest), OTHERS)).toMatchObject({
      status: 404,
      answer: { error: 'entry_not_found' },
    });
    expect((await recordOf(other, 'other'))?.quarantine).toEqual([]);
    expect(await layerFor(other, 'ours')).toBe('l1a hit');
    expect((await report(one, wrong(theirs), OTHERS)).status).toBe(200);
    expect(await layerFor(other, 'ours')).toBe('l1a hit');
    expect(await layerFor(other, 'ours', OTHERS)).toBe('l3 miss;why=quarantined');
  });

  it.skipIf(skipped !== undefined)('the 257th renews the epoch and says so', async () => {
    const [one, other] = await pair();
    const records = one.app.get<TenantRecords>(TenantRecords);
    const digest = await fill(one, 'q');
    const epoch = (await recordOf(one))?.epoch ?? '';
    for (let i = 0; i < 256; i += 1) {
      await records.change('default', { kind: 'quarantine', digest: randomBytes(32).toString('hex') });
    }
    expect((await report(one, wrong(digest))).answer).toMatchObject({ quarantined: true, epoch_renewed: true });
    const after = await recordOf(other);
    expect([after?.quarantine, compareEpochs(after?.epoch ?? '', epoch) > 0]).toEqual([[], true]);
    expect(await layerFor(other, 'q')).toBe('l3 miss;why=epoch');
  });
});

describe('what is no report is refused, and the field named', () => {
  const ENTRY = 'a'.repeat(64);
  let core: RunningCore;
  beforeAll(async () => {
    core = await startCore('http://127.0.0.1:1/v1');
  });
  afterAll(() => core.stop());

  it.each([
    [{ wrong: true }, 400, 'entry'],
    [{ entry: 'abc', wrong: true }, 400, 'entry'],
    [{ entry: ENTRY.toUpperCase(), wrong: true }, 400, 'entry'],
    [{ entry: [ENTRY], wrong: true }, 400, 'entry'],
    [{ entry: ENTRY }, 400, 'wrong'],
    [{ entry: ENTRY, wrong: false }, 400, 'wrong'],
    [{ entry: ENTRY, wrong: true, why: 'x' }, 400, 'why'],
    [[], 400, 'body'],
    ['', 400, 'body'],
    ['{', 400, 'JSON'],
    [`{"entry":"${ENTRY}","entry":"${ENTRY}","wrong":true}`, 400, 'twice'],
    [{ entry: 'x'.repeat(5_000), wrong: true }, 413, '4096'],
    [{ entry: ENTRY, wrong: true }, 404, 'no stored answer'],
  ])('%j → %i, naming %s', async (body, status, named) => {
    const { answer, ...answered } = await report(core, body);
    expect([answered.status, answer]).toEqual([status, { error: expect.any(String), message: expect.any(String) }]);
    expect(answer.message).toContain(named);
  });

  it('and so is who has no key, and what is no POST of JSON', async () => {
    const body = { entry: ENTRY, wrong: true };
    expect((await report(core, body, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await report(core, body, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await core.get(FEEDBACK)).status).toBe(405);
  });
});

describe('a key that reports without end', () => {
  it('is told to wait, and leaves a line for each change and a figure for each report', async () => {
    const output = new PassThrough();
    const port = await freePort();
    const { config } = loadConfig({
      env: {
        ISARTOR__HOST_PORT: '127.0.0.1:0',
        ISARTOR__METRICS_PORT: String(port),
        ISARTOR__GATEWAY_API_KEY: TEST_KEY,
        ISARTOR__EXTERNAL_LLM_URL: upstream.url,
        ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-upstream',
      },
    });
    const app = await createApp(config, pino({ level: 'fatal' }, output));
    running.push({ stop: () => app.close() });
    await app.listen(0, '127.0.0.1');
    const origin = await app.getUrl();
    const headers = { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' };
    const post = (path: string, body: object) =>
      fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    await (await post(CHAT, chatRequest('x'))).text();
    const digest = (await post(CHAT, chatRequest('x'))).headers.get(HEADER.entry) ?? '';

    const statuses: number[] = [];
    let waits: string | null = null;
    for (let i = 0; i < 31; i += 1) {
      const response = await post(FEEDBACK, wrong(i < 2 ? digest : randomBytes(32).toString('hex')));
      statuses.push(response.status);
      waits = response.headers.get('retry-after');
    }
    expect(statuses).toEqual([200, 200, ...Array.from({ length: 28 }, () => 404), 429]);
    expect(Number(waits)).toBeGreaterThan(0);

    const text = String(output.read() ?? '');
    const lines = text.trim().split('\n');
    const line = { audit: true, action: 'quarantine', digest, tenant: 'default', by: 'caller', key: 'gateway' };
    expect(lines.map((entry) => JSON.parse(entry) as unknown)).toMatchObject([
      { ...line, outcome: 'confirmed', before: { quarantined: 0 }, after: { quarantined: 1 } },
      { ...line, outcome: 'confirmed', before: { quarantined: 1 }, after: { quarantined: 1 } },
      { audit: true, path: FEEDBACK, status: 429 },
    ]);
    expect(text).not.toContain(TEST_KEY);
    const figures = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const [outcome, count] of [
      ['quarantined', 1],
      ['repeated', 1],
      ['unknown', 28],
      ['limited', 1],
    ]) {
      expect(figures).toContain(`isartor_feedback_total{outcome="${outcome}"} ${count}\n`);
    }
  });
});

describe.skipIf(redisSkip !== undefined)(`when Redis is away (${redisSkip ?? 'real'})`, () => {
  it('a report is not confirmed: 503, and when to come back', async () => {
    const server = await testRedis({ own: true });
    if (!('url' in server)) throw new Error(server.skip);
    const core = await onRedis(server.url, 'isartor');
    const digest = await fill(core, 'x');
    const client = new Redis(server.url);
    await client.replicaof('127.0.0.1', 1);
    expect(await report(core, wrong(digest))).toMatchObject({
      status: 503,
      answer: { error: 'unconfirmed', message: expect.stringContaining('READONLY') },
      retryAfter: '1',
    });
    expect(await client.get(tenantRecordKey('isartor', 'default'))).not.toContain(digest);
    client.disconnect();
    await server.stop();
    expect(await report(core, wrong(digest))).toMatchObject({ status: 503, retryAfter: '1' });
    expect((await core.post(CHAT, chatRequest('y'))).status).toBe(200);
  });
});
