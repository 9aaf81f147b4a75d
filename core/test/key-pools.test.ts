import { PassThrough } from 'node:stream';
import {
  chatBody,
  chatRequest,
  chatStream,
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  type FakeAnswer,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ownRedis } from './support/own-redis.ts';
import { startCore, type RunningCore } from './support/start-core.ts';

const { redis, redisSkip, stopRedis } = await ownRedis();
const CHAT = '/v1/chat/completions';
const KEYS = ['sk-first-0123456789', 'sk-second-0123456789', 'sk-third-0123456789'];

let upstream: FakeUpstream;
/** What is answered to a key; absent: an answer. */
let refusals: Record<string, FakeAnswer>;
let told: string;
const cores: RunningCore[] = [];

beforeEach(async () => {
  refusals = {};
  told = '';
  upstream = await fakeUpstream({
    respond: (request) => {
      const refusal = refusals[keyOf(request.headers['authorization'])];
      const { stream } = request.json() as { stream?: boolean };
      return refusal ?? (stream === true ? chatStream(chatBody('said')) : jsonAnswer(chatBody('said')));
    },
  });
});
afterEach(async () => {
  for (const core of cores.splice(0)) await core.stop();
  await upstream.close();
});
afterAll(stopRedis);

function keyOf(authorization: string | undefined): string {
  return /^Bearer sk-(\w+)-/.exec(authorization ?? '')?.[1] ?? '';
}

/** With which keys the provider was asked, in order. */
function asked(): string {
  return upstream.requests.map(({ headers }) => keyOf(headers['authorization'])).join(' ');
}

async function start(env: Readonly<Record<string, string>> = {}): Promise<RunningCore> {
  const sink = new PassThrough();
  sink.on('data', (data: Buffer) => (told += data.toString()));
  const core = await startCore(
    upstream.url,
    { ISARTOR__EXTERNAL_LLM_API_KEY: KEYS.join(','), ISARTOR__CACHE_MODE: 'off', ...env },
    pino({ level: 'info' }, sink),
  );
  cores.push(core);
  return core;
}

async function ask(core: RunningCore, more: Record<string, boolean> = {}): Promise<number> {
  const response = await core.post(CHAT, chatRequest('x', more));
  await response.text();
  return response.status;
}

interface Ready {
  readonly checks: {
    readonly provider_keys?: readonly [{ provider: string; ready: number; resting: { why: string; restMs: number }[] }];
  };
}

async function keysOf(core: RunningCore) {
  const text = await (await core.get('/readyz')).text();
  for (const key of KEYS) expect(text).not.toContain(key);
  return (JSON.parse(text) as Ready).checks.provider_keys?.[0];
}

describe('several keys of a provider', () => {
  it('are asked with in turn, or by priority', async () => {
    const core = await start();
    for (let count = 0; count < 4; count += 1) await ask(core);
    expect(asked()).toBe('first second third first');
    const other = await start({ ISARTOR__L3__KEY_ORDER: 'priority' });
    for (let count = 0; count < 2; count += 1) await ask(other);
    expect(asked()).toBe('first second third first first first');
  });

  it.each([{ stream: false }, { stream: true }])(
    'one that is over its limit rests for as long as it was told, and the next one answers at once (%o)',
    async (more) => {
      const core = await start();
      refusals['first'] = errorAnswer(429, 'slow down', { 'retry-after': '30' });
      const began = performance.now();
      expect([await ask(core, more), await ask(core, more), await ask(core, more)]).toEqual([200, 200, 200]);
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(asked()).toBe('first second third second');
      const { ready, resting } = (await keysOf(core)) ?? { ready: 0, resting: [] };
      expect(ready).toBe(2);
      expect(resting).toEqual([{ why: 'limited', restMs: expect.any(Number) }]);
      expect(resting[0]?.restMs).toBeGreaterThan(20_000);
    },
  );

  it('one that is none any more is set aside and reported by its name and digest, never by itself', async () => {
    const core = await start();
    refusals['first'] = errorAnswer(401, `Incorrect API key provided: ${KEYS[0]}`);
    refusals['second'] = { kind: 'json', status: 429, body: { error: { message: 'no', code: 'insufficient_quota' } } };
    for (let count = 0; count < 3; count += 1) expect(await ask(core)).toBe(200);
    expect(asked()).toBe('first second third third third');
    expect((await keysOf(core))?.resting.map(({ why }) => why)).toEqual(['revoked', 'quota']);
    expect(told).toMatch(/"provider":"openai","key":"key-1","digest":"[0-9a-f]{8}","why":"revoked","restSecs":600/);
    expect(told).toMatch(/"key":"key-2","digest":"[0-9a-f]{8}","why":"quota","restSecs":300/);
    for (const key of KEYS) expect(told).not.toContain(key);
  });

  it('all over their limit are said to be, without asking again, and all refused are the gateway’s own fault', async () => {
    const core = await start({ ISARTOR__L3__RETRY__MAX_WAIT_SECS: '1' });
    for (const key of ['first', 'second', 'third']) refusals[key] = errorAnswer(429, 'slow', { 'retry-after': '60' });
    expect(await ask(core)).toBe(429);
    const again = await core.post(CHAT, chatRequest('x'));
    expect([again.status, again.headers.get('retry-after'), await again.json()]).toEqual([
      429,
      '60',
      { error: expect.objectContaining({ message: expect.stringContaining('rate limit') }) },
    ]);
    expect(asked()).toBe('first second third');

    const other = await start();
    for (const key of ['first', 'second', 'third']) refusals[key] = errorAnswer(401, 'no');
    const refused = await other.post(CHAT, chatRequest('x'));
    expect([refused.status, await refused.json()]).toMatchObject([502, { error: { code: 'upstream_refused_us' } }]);
    expect(await ask(other)).toBe(502);
    expect(asked()).toBe('first second third first second third');
  });

  it('a refusal that says nothing about the key is passed on, and no key rests for it', async () => {
    const core = await start();
    refusals['first'] = errorAnswer(400, 'no such parameter');
    const refused = await core.post(CHAT, chatRequest('x'));
    expect([refused.status, await refused.text()]).toEqual([400, expect.stringContaining('no such parameter')]);
    expect(asked()).toBe('first');
    expect((await keysOf(core))?.ready).toBe(3);
  });

  it('one key is no pool', async () => {
    const core = await start({ ISARTOR__EXTERNAL_LLM_API_KEY: KEYS[0] ?? '' });
    expect(await ask(core)).toBe(200);
    expect(await keysOf(core)).toBeUndefined();
  });
});

describe.skipIf(redisSkip !== undefined)(`two pods on one Redis (${redisSkip ?? 'real'})`, () => {
  const env = {
    ISARTOR__CACHE_BACKEND: 'redis',
    ISARTOR__REDIS_URL: redis,
    ISARTOR__L3__KEY_ORDER: 'priority',
    ISARTOR__CACHE_MODE: 'both',
  };
  const once = { 'cache-control': 'no-store' };
  const askOnce = async (core: RunningCore) => (await core.post(CHAT, chatRequest('x'), once)).status;

  it('a key that is rate-limited on one rests on both, and on one that starts later', async () => {
    const [one, other] = [await start(env), await start(env)];
    const client = new Redis(redis);
    const listening = async () =>
      expect(await client.pubsub('NUMSUB', 'isartor:v1:key-rests')).toEqual([expect.anything(), 2]);
    await vi.waitFor(listening, { timeout: 5_000 });
    client.disconnect();
    refusals['first'] = errorAnswer(429, 'slow down', { 'retry-after': '30' });
    expect(await askOnce(one)).toBe(200);
    expect(asked()).toBe('first second');
    await vi.waitFor(async () => expect((await keysOf(other))?.ready).toBe(2));
    expect(await askOnce(other)).toBe(200);
    expect(asked()).toBe('first second second');
    const later = await start(env);
    await vi.waitFor(async () => {
      const { resting } = (await keysOf(later)) ?? { resting: [] };
      expect(resting).toMatchObject([{ why: 'limited' }]);
      expect(resting[0]?.restMs).toBeGreaterThan(20_000);
    });
    expect(await askOnce(later)).toBe(200);
    expect(asked()).toBe('first second second second');
  });
});
