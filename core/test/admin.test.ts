import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { compareEpochs, encodeTenantRecord, HEADER, HITS_PATH, tenantRecordKey } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  fakeUpstream,
  jsonAnswer,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { Redis } from 'ioredis';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';
import { createApp } from '../src/create-app.ts';
import { admin, ADMIN_KEY, answerOf, CACHE, fill, layerFor, PURGE, recordOf } from './support/administration.ts';
import { testRedis, type StartedRedis } from './support/redis.ts';
import { startCore, TEST_EDGE_SECRET, TEST_KEY, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const HIT = { tenant: 'default', key: 'gateway', model: 'm', requests: 1, usage: { input: 1, output: 1 } };
const probe = await testRedis();
const skip = 'skip' in probe ? probe.skip : undefined;
if ('stop' in probe) await probe.stop();

let upstream: FakeUpstream;
const running: { stop(): Promise<unknown> }[] = [];

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
  await upstream.close();
});

async function startAdminCore(env: Readonly<Record<string, string>> = {}): Promise<RunningCore> {
  const core = await startCore(upstream.url, { ISARTOR__ADMIN_KEY: ADMIN_KEY, ...env });
  running.push(core);
  return core;
}

async function ownRedis(): Promise<StartedRedis> {
  const server = await testRedis({ own: true });
  if ('skip' in server) throw new Error(server.skip);
  running.push(server);
  return server;
}

async function coreOn(url: string): Promise<RunningCore> {
  const core = await startAdminCore({
    ISARTOR__CACHE_BACKEND: 'redis',
    ISARTOR__REDIS_URL: url,
    ISARTOR__REDIS_TIMEOUT_MS: '1000',
  });
  const up = async () =>
    expect(await (await core.get('/readyz')).json()).toMatchObject({ checks: { exact_cache: { status: 'up' } } });
  await vi.waitFor(up, { timeout: 10_000 });
  return core;
}

function clientOf(url: string): Redis {
  const client = new Redis(url);
  running.push({ stop: () => Promise.resolve(client.disconnect()) });
  return client;
}

describe('the key of the administration', () => {
  it('decides alone: without one configured there is no such route, and a caller’s key is none', async () => {
    const core = await startAdminCore();
    expect((await admin(core, 'GET', PURGE)).status).toBe(200);
    expect((await admin(core, 'GET', PURGE, undefined, '')).status).toBe(401);
    expect((await admin(core, 'GET', PURGE, undefined, 'wrong')).status).toBe(401);
    const callers = await admin(core, 'DELETE', PURGE, undefined, TEST_KEY);
    expect([callers.status, await callers.json()]).toEqual([403, { error: 'admin_only', message: expect.any(String) }]);
    expect((await core.post(CHAT, chatRequest('x'), { authorization: `Bearer ${ADMIN_KEY}` })).status).toBe(401);

    const without = await startCore(upstream.url);
    running.push(without);
    for (const key of [ADMIN_KEY, TEST_KEY, '']) {
      const response = await admin(without, 'DELETE', PURGE, undefined, key);
      expect([response.status, await response.json()]).toMatchObject([404, { error: 'not_found' }]);
    }
  });

  it('must not be a caller’s key too: the start fails', async () => {
    await expect(startAdminCore({ ISARTOR__ADMIN_KEY: TEST_KEY })).rejects.toThrow(/ADMIN_KEY.* is also the key of/);
  });

  it('opens a core that takes callers from the edge alone', async () => {
    const core = await startAdminCore({ ISARTOR__EDGE_ONLY: 'true' });
    expect((await core.post(CHAT, chatRequest('x'))).status).toBe(403);
    expect((await admin(core, 'DELETE', PURGE)).status).toBe(200);
  });
});

describe('the administration says what is wrong with a request', () => {
  it.each([
    ['GET', CACHE, 400, 'tenant', undefined],
    ['GET', `${CACHE}?tenant=No+Tenant`, 400, 'tenant', undefined],
    ['GET', `${CACHE}?tenant=stranger`, 404, 'stranger', undefined],
    ['DELETE', `${PURGE}&tenant=other`, 400, 'tenant', undefined],
    ['DELETE', `${PURGE}&dryrun=true`, 400, 'dryrun', undefined],
    ['DELETE', `${PURGE}&dry_run=yes`, 400, 'dry_run', undefined],
    ['DELETE', `${CACHE}/abc?tenant=default`, 400, 'digest', undefined],
    ['DELETE', `${CACHE}/${'a'.repeat(101)}?tenant=default`, 404, 'route', undefined],
    ['DELETE', `${CACHE}/a/b?tenant=default`, 404, 'route', undefined],
    ['PUT', PURGE, 405, 'GET or DELETE', undefined],
    ['GET', `${CACHE}/off`, 405, 'POST', undefined],
    ['POST', `${CACHE}/off`, 400, 'layer', { tenant: 'default', layer: 'l0' }],
    ['POST', `${CACHE}/off`, 400, 'layer', { tenant: 'default' }],
    ['POST', `${CACHE}/off`, 400, 'tenant', { layer: 'l1b' }],
    ['POST', `${CACHE}/off`, 400, 'layers', { tenant: 'default', layer: 'l1b', layers: [] }],
    ['POST', `${CACHE}/off`, 400, 'body', []],
    ['POST', `${CACHE}/off`, 400, 'JSON', '{'],
    ['POST', `${CACHE}/off`, 400, 'twice', '{"tenant":"a","tenant":"b"}'],
    ['POST', `${CACHE}/off`, 413, '4096', { tenant: 'default', layer: 'x'.repeat(5_000) }],
  ])('%s %s (%#) → %i, naming %s', async (method, path, status, named, body) => {
    const core = await startAdminCore();
    const response = await admin(core, method, path, body);
    const answer = await answerOf(response);
    expect([response.status, answer]).toEqual([status, { error: expect.any(String), message: expect.any(String) }]);
    expect(answer.message).toContain(named);
  });

  it.each([
    [
      'the administrator',
      `${CACHE}/off`,
      { authorization: `Bearer ${ADMIN_KEY}` },
      { tenant: 'default', layer: 'l1b' },
    ],
    ['the edge', HITS_PATH, { [HEADER.edgeAuth]: TEST_EDGE_SECRET }, { hits: [HIT] }],
  ])('asks %s for a body that waits to be asked for', async (_who, path, credential, body) => {
    const core = await startAdminCore();
    const call = request(`${core.origin}${path}`, {
      method: 'POST',
      headers: { ...credential, 'content-type': 'application/json', expect: '100-continue' },
      signal: AbortSignal.timeout(2_000),
    });
    call.on('continue', () => call.end(JSON.stringify(body)));
    call.flushHeaders();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
  });

  it.each(['POST', 'DELETE'])('refuses a %s by the length that it announces', async (method) => {
    const core = await startAdminCore();
    const call = request(`${core.origin}${method === 'POST' ? `${CACHE}/off` : PURGE}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        'content-type': 'application/json',
        'content-length': '99999999999999',
      },
    });
    call.on('error', () => undefined);
    call.write('{');
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    expect([response.statusCode, JSON.parse(await text(response))]).toMatchObject([413, { error: 'body_too_large' }]);
    call.destroy();
  });

  it('and takes a tenant that is configured no more with force=true', async () => {
    const core = await startAdminCore();
    const record = await recordOf(await admin(core, 'DELETE', `${CACHE}?tenant=gone&force=true`));
    expect(record).toEqual({ epoch: expect.stringMatching(/^\d+-[0-9a-f]+$/), off: [], quarantine: [] });
  });
});

const backends = [
  { name: 'in memory', skipped: undefined, pair: () => startAdminCore().then((core) => [core, core] as const) },
  {
    name: 'on Redis, asked at one core and obeyed by another',
    skipped: skip,
    pair: async () => {
      const { url } = await ownRedis();
      return [await coreOn(url), await coreOn(url)] as const;
    },
  },
];

describe.each(backends)('$name', ({ pair, skipped }) => {
  it.skipIf(skipped !== undefined)('a purge takes every answer of the tenant at once', async () => {
    const [one, other] = await pair();
    await fill(one, 'a');
    const before = (await answerOf(await admin(one, 'GET', PURGE))).record;
    const record = await recordOf(await admin(one, 'DELETE', PURGE));
    expect(compareEpochs(record.epoch, before.epoch)).toBeGreaterThan(0);
    expect(await layerFor(other, 'a')).toBe('l3 miss;why=epoch');
    expect(await layerFor(other, 'a')).toBe('l1a hit');
  });

  it.skipIf(skipped !== undefined)('one entry is quarantined by its digest, and the others go on', async () => {
    const [one, other] = await pair();
    const digest = await fill(one, 'wrong');
    await fill(one, 'right');
    const record = await recordOf(await admin(one, 'DELETE', `${CACHE}/${digest}?tenant=default`));
    expect(record.quarantine).toEqual([digest]);
    expect(await layerFor(other, 'wrong')).toBe('l3 miss;why=quarantined');
    expect(await layerFor(other, 'right')).toBe('l1a hit');
  });

  it.skipIf(skipped !== undefined)(
    'a layer is switched off and on again, and a purge between leaves it off',
    async () => {
      const [one, other] = await pair();
      await fill(one, 'k');
      const change = (to: string, layer: string) => admin(one, 'POST', `${CACHE}/${to}`, { tenant: 'default', layer });
      await change('off', 'l3');
      await change('off', 'l1b');
      expect((await recordOf(await change('off', 'l3'))).off).toEqual(['l1b', 'l3']);
      expect(await layerFor(other, 'k')).toBe('l3 miss;why=off');
      expect((await recordOf(await admin(one, 'DELETE', PURGE))).off).toEqual(['l1b', 'l3']);
      expect((await recordOf(await change('on', 'l3'))).off).toEqual(['l1b']);
      await layerFor(other, 'k');
      expect(await layerFor(other, 'k')).toBe('l1a hit');
    },
  );

  it.skipIf(skipped !== undefined)('a dry run says what would be, and changes nothing', async () => {
    const [one, other] = await pair();
    const digest = await fill(one, 'd');
    const { record } = await answerOf(await admin(one, 'GET', PURGE));
    const dry = async (response: Promise<Response>) => answerOf(await response);
    const body = { tenant: 'default', layer: 'l3' };
    const purge = await dry(admin(one, 'DELETE', `${PURGE}&dry_run=true`));
    expect(purge).toMatchObject({ tenant: 'default', dry_run: true, record });
    expect(purge.would_be).not.toEqual(record);
    const entry = await dry(admin(one, 'DELETE', `${CACHE}/${digest}?tenant=default&dry_run=true`));
    expect(entry.would_be).toEqual({ ...record, quarantine: [digest] });
    const off = await dry(admin(one, 'POST', `${CACHE}/off?dry_run=true`, body));
    expect(off.would_be).toEqual({ ...record, off: ['l3'] });
    expect((await dry(admin(one, 'POST', `${CACHE}/on?dry_run=true`, body))).would_be).toEqual(record);
    expect((await answerOf(await admin(one, 'GET', PURGE))).record).toEqual(record);
    expect(await layerFor(other, 'd')).toBe('l1a hit');
  });

  it.skipIf(skipped !== undefined)('an answer in flight during the purge is not served after it', async () => {
    const [one, other] = await pair();
    await fill(one, 'something else');
    const gate = Promise.withResolvers<void>();
    const before = upstream.requests.length;
    upstream.respondWith(async () => {
      await gate.promise;
      return jsonAnswer(chatBody('from before the purge'));
    });
    const inFlight = one.post(CHAT, chatRequest('overtaken'));
    await upstream.request(before + 1);
    await recordOf(await admin(other, 'DELETE', PURGE));
    gate.resolve();
    expect(await (await inFlight).text()).toContain('from before the purge');
    upstream.respondWith(jsonAnswer(chatBody('from after the purge')));
    for (const core of [one, other]) {
      expect(await (await core.post(CHAT, chatRequest('overtaken'))).text()).toContain('from after the purge');
    }
  });

  it.skipIf(skipped !== undefined)(
    'the 257th quarantined entry renews the epoch, and the list is empty',
    async () => {
      const [one, other] = await pair();
      await fill(one, 'q');
      const quarantine = (digest: string) => admin(one, 'DELETE', `${CACHE}/${digest}?tenant=default`);
      const digests = Array.from({ length: 256 }, () => randomBytes(32).toString('hex'));
      // Many at once, within what the administration takes at a time: none is lost.
      for (let from = 0; from < digests.length; from += 16) {
        await Promise.all(digests.slice(from, from + 16).map(quarantine));
      }
      const full = await recordOf(await quarantine(digests[0] ?? ''));
      expect(full.quarantine.toSorted()).toEqual(digests.toSorted());
      expect(await layerFor(other, 'q')).toBe('l1a hit');
      const renewed = await recordOf(await quarantine(randomBytes(32).toString('hex')));
      expect(renewed.quarantine).toEqual([]);
      expect(compareEpochs(renewed.epoch, full.epoch)).toBeGreaterThan(0);
      expect(await layerFor(other, 'q')).toBe('l3 miss;why=epoch');
    },
    60_000,
  );

  it.skipIf(skipped !== undefined)('changes at the same time all take effect', async () => {
    const [one, other] = await pair();
    const layers = ['l1a', 'l1b', 'l2', 'l3'];
    const digests = Array.from({ length: 8 }, () => randomBytes(32).toString('hex'));
    await Promise.all([
      ...layers.map((layer, at) => admin(at % 2 ? one : other, 'POST', `${CACHE}/off`, { tenant: 'default', layer })),
      ...digests.map((digest, at) => admin(at % 2 ? one : other, 'DELETE', `${CACHE}/${digest}?tenant=default`)),
    ]);
    const record = await recordOf(await admin(other, 'GET', PURGE));
    expect(record.off).toEqual(layers);
    expect(record.quarantine.toSorted()).toEqual(digests.toSorted());
  });
});

describe.skipIf(skip !== undefined)(`in Redis (${skip ?? 'real'})`, () => {
  const KEY = tenantRecordKey('isartor', 'default');

  it('an epoch is never below its predecessor plus one, lists that are empty stay lists, and later layers are kept', async () => {
    const server = await ownRedis();
    const [core, client] = [await coreOn(server.url), clientOf(server.url)];
    await client.set(KEY, '{"epoch":"99999999999999-aa","off":["l9"],"quarantine":[]}');
    await recordOf(await admin(core, 'DELETE', PURGE));
    expect(await client.get(KEY)).toMatch(
      /^\{"epoch":"100000000000000-[0-9a-f]{16}","off":\["l9"\],"quarantine":\[\]\}$/,
    );
  });

  it.each(['', 'no json', '[]', '{"epoch":7,"off":["l3","l3",4],"quarantine":{}}'])(
    'a damaged record (%j) is made anew',
    async (damaged) => {
      const server = await ownRedis();
      const [core, client] = [await coreOn(server.url), clientOf(server.url)];
      await client.set(KEY, damaged);
      const record = await recordOf(await admin(core, 'POST', `${CACHE}/off`, { tenant: 'default', layer: 'l1b' }));
      expect(record).toEqual({
        epoch: expect.stringMatching(/^\d{13}-[0-9a-f]{16}$/),
        off: damaged.includes('l3') ? ['l1b', 'l3'] : ['l1b'],
        quarantine: [],
      });
      expect(await client.get(KEY)).toBe(encodeTenantRecord(record));
    },
  );

  it('Redis is away or read-only: 503, and callers are served meanwhile', async () => {
    const server = await ownRedis();
    const [core, client] = [await coreOn(server.url), clientOf(server.url)];
    await client.replicaof('127.0.0.1', 1);
    const readOnly = await admin(core, 'DELETE', PURGE);
    expect([readOnly.status, await readOnly.json()]).toMatchObject([
      503,
      { message: expect.stringContaining('READONLY') },
    ]);
    client.disconnect();
    await server.stop();
    const away = await admin(core, 'DELETE', PURGE);
    const answer = await answerOf(away);
    expect([away.status, answer]).toMatchObject([503, { message: expect.stringContaining('ECONNREFUSED') }]);
    expect(answer.message).not.toContain('127.0.0.1');
    expect((await core.post(CHAT, chatRequest('x'))).status).toBe(200);
  });
});

describe('the audit', () => {
  it('has one line a change, at any level, without a secret, and none for what changes nothing', async () => {
    const output = new PassThrough();
    const { config } = loadConfig({
      env: {
        ISARTOR__HOST_PORT: '127.0.0.1:0',
        ISARTOR__METRICS_PORT: '0',
        ISARTOR__GATEWAY_API_KEY: TEST_KEY,
        ISARTOR__ADMIN_KEY: ADMIN_KEY,
        ISARTOR__EXTERNAL_LLM_URL: upstream.url,
        ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-upstream',
      },
    });
    const app = await createApp(config, pino({ level: 'fatal' }, output));
    running.push({ stop: () => app.close() });
    await app.listen(0, '127.0.0.1');
    const core = { origin: await app.getUrl() };
    const digest = 'a'.repeat(64);
    const purged = await admin(core, 'DELETE', PURGE);
    await admin(core, 'DELETE', `${CACHE}/${digest}?tenant=default`);
    await admin(core, 'POST', `${CACHE}/off`, { tenant: 'default', layer: 'l1b' });
    await admin(core, 'POST', `${CACHE}/off?dry_run=true`, { tenant: 'default', layer: 'l2' });
    await admin(core, 'GET', PURGE);

    const text = String(output.read() ?? '');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const { record } = await answerOf(purged);
    const common = { audit: true, by: 'admin', tenant: 'default', outcome: 'confirmed', requestId: expect.any(String) };
    const before = { epoch: record.epoch, off: [], quarantined: 0 };
    expect(lines).toMatchObject([
      { ...common, action: 'purge', requestId: purged.headers.get(HEADER.requestId), before: null, after: before },
      { ...common, action: 'quarantine', digest, before, after: { ...before, quarantined: 1 } },
      { ...common, action: 'switch-off', layer: 'l1b', after: { ...before, off: ['l1b'], quarantined: 1 } },
    ]);
    for (const secret of [ADMIN_KEY, TEST_KEY, 'sk-upstream']) expect(text).not.toContain(secret);
  });
});
