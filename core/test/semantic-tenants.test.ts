import { createHash } from 'node:crypto';
import { HEADER, type JsonObject } from '@isartor/shared';
import { chatBody, chatRequest, fakeUpstream, jsonAnswer, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ownRedis } from './support/own-redis.ts';
import { referenceModel } from './support/reference-model.ts';
import { layerOf, startCore, type RunningCore } from './support/start-core.ts';

const { redis, redisSkip, stopRedis } = await ownRedis();
const MINILM = referenceModel('all-MiniLM-L6-v2');
const CHAT = '/v1/chat/completions';
const ASKED = 'How do I reset a password?';
const PARAPHRASES = ['How can I reset a password?', 'How do you reset a password?', 'How should I reset a password?'];
const TENANTS = Array.from({ length: 50 }, (_, index) => `tenant-${index}`);
const ADMIN = 'admin-key-of-tests';

let upstream: FakeUpstream;
const cores: RunningCore[] = [];

async function start(env: Readonly<Record<string, string>> = {}): Promise<RunningCore> {
  const core = await startCore(upstream.url, {
    ISARTOR__SEMANTIC_CACHE__MODEL_DIR: MINILM ?? '',
    ISARTOR__SEMANTIC_CACHE__TIMEOUT_MS: '10000',
    ISARTOR__SEMANTIC_CACHE__MODE: 'serve',
    ISARTOR__SIMILARITY_THRESHOLD: '0.85',
    ISARTOR__ADMIN_KEY: ADMIN,
    ...env,
  });
  cores.push(core);
  const ready = async () =>
    expect(await (await core.get('/readyz')).json()).toMatchObject({ checks: { semantic_cache: { status: 'up' } } });
  await vi.waitFor(ready, { timeout: 15_000, interval: 50 });
  return core;
}

const text = async (response: Response): Promise<string> => {
  const body = (await response.json()) as { choices: [{ message: { content: string } }] };
  return body.choices[0].message.content;
};
const ask = (core: RunningCore, body: JsonObject | string, headers: Record<string, string> = {}): Promise<Response> =>
  core.post(CHAT, typeof body === 'string' ? chatRequest(body) : body, headers);

beforeEach(async () => {
  let calls = 0;
  upstream = await fakeUpstream({ respond: () => jsonAnswer(chatBody(`answer number ${(calls += 1)}`)) });
});
afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.stop()));
  await upstream.close();
});
afterAll(stopRedis);

/** Asks until a paraphrase is answered from L1b: what was learnt is indexed right after the answer. */
async function learnt(core: RunningCore, paraphrase: string, headers: Record<string, string> = {}): Promise<Response> {
  let response: Response | undefined;
  await vi.waitFor(
    async () => {
      response = await ask(core, paraphrase, { 'cache-control': 'no-store', ...headers });
      // no-store looks nothing up: what counts is the plain request below.
      await response.text();
      response = await ask(core, paraphrase, { [HEADER.bypass]: 'l1a', ...headers });
      expect(layerOf(response)).toBe('l1b');
    },
    { timeout: 10_000, interval: 50 },
  );
  if (response === undefined) throw new Error('nothing was asked');
  return response;
}

const PLACES: readonly (readonly [string, () => Record<string, string>, string | undefined])[] = [
  ['in memory', () => ({}), undefined],
  [
    'in Redis',
    () => ({
      ISARTOR__CACHE_BACKEND: 'redis',
      ISARTOR__REDIS_URL: redis,
      ISARTOR__REDIS_TIMEOUT_MS: '2000',
      ISARTOR__CACHE_NAMESPACE: `t${crypto.randomUUID()}`,
    }),
    redisSkip,
  ],
];

/** The paraphrase, in requests that may not share its answer. */
const OTHER_SCOPES: readonly (readonly [what: string, body: JsonObject])[] = [
  [
    'system prompt',
    chatRequest(PARAPHRASES[0], {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: PARAPHRASES[0] ?? '' },
      ],
    }),
  ],
  ['model', chatRequest(PARAPHRASES[0], { model: 'gpt-4o' })],
  ['temperature', chatRequest(PARAPHRASES[0], { temperature: 0.3 })],
  [
    'turn before',
    chatRequest(PARAPHRASES[0], {
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello' },
        { role: 'user', content: PARAPHRASES[0] ?? '' },
      ],
    }),
  ],
  ['user', chatRequest(PARAPHRASES[0], { user: 'someone' })],
];

describe.skipIf(MINILM === undefined)('the semantic cache', () => {
  describe.each(PLACES.filter(([, , skip]) => skip === undefined))('%s', (_place, env) => {
    test('50 tenants with the same questions and different answers never meet', async () => {
      const keys = TENANTS.map((tenant) => ({
        tenant,
        name: 'test',
        sha256: createHash('sha256').update(`key-of-${tenant}`).digest('hex'),
      }));
      const core = await start({ ...env(), ISARTOR__AUTH__KEYS: JSON.stringify(keys) });
      const as = (tenant: string) => ({ authorization: `Bearer key-of-${tenant}` });
      const own = new Map<string, string>();
      for (const tenant of TENANTS) own.set(tenant, await text(await ask(core, ASKED, as(tenant))));
      expect(new Set(own.values()).size).toBe(TENANTS.length);
      for (const tenant of TENANTS)
        expect(await text(await learnt(core, PARAPHRASES[0] ?? '', as(tenant)))).toBe(own.get(tenant));
    }, 60_000);

    test('what else may change the answer makes another question of it', async () => {
      const core = await start(env());
      await ask(core, ASKED);
      await learnt(core, PARAPHRASES[0] ?? '');
      for (const [what, body] of OTHER_SCOPES) expect(layerOf(await ask(core, body)), what).toBe('l3');
    });

    test('a purge, the kill switch and a quarantine hold for paraphrases and their copies', async () => {
      const core = await start(env());
      const admin = { authorization: `Bearer ${ADMIN}` };
      const answer = await text(await ask(core, ASKED));
      const hit = await learnt(core, PARAPHRASES[0] ?? '');
      const source = hit.headers.get(HEADER.entry) ?? '';
      expect(layerOf(await ask(core, PARAPHRASES[0] ?? ''))).toBe('l1b');
      expect(layerOf(await ask(core, PARAPHRASES[0] ?? ''))).toBe('l1a');

      const switched = (to: string) => core.post(`/api/v1/cache/${to}`, { tenant: 'default', layer: 'l1b' }, admin);
      expect((await switched('off')).status).toBe(200);
      expect(layerOf(await ask(core, PARAPHRASES[0] ?? '', { [HEADER.bypass]: 'l1a' }))).toBe('l3');
      expect(layerOf(await ask(core, PARAPHRASES[1] ?? ''))).toBe('l3');
      expect((await switched('on')).status).toBe(200);

      const gone = await fetch(`${core.origin}/api/v1/cache/${source}?tenant=default`, {
        method: 'DELETE',
        headers: admin,
      });
      expect(gone.status).toBe(200);
      // The copy is gone with its source; what was answered meanwhile may stand in for it.
      for (const paraphrase of PARAPHRASES) {
        const response = await ask(core, paraphrase);
        expect(await text(response)).not.toBe(answer);
        expect(response.headers.get(HEADER.entry)).not.toBe(source);
      }

      await fetch(`${core.origin}/api/v1/cache?tenant=default`, { method: 'DELETE', headers: admin });
      expect(layerOf(await ask(core, 'How can you reset a password?'))).toBe('l3');
    });
  });

  describe.skipIf(redisSkip !== undefined)('of two cores on one Redis 8', () => {
    test('serves in one what the other learnt, also after a restart', async () => {
      const env = PLACES[1]?.[1]() ?? {};
      const [first, second] = [await start(env), await start(env)];
      const answer = await text(await ask(first, ASKED));
      expect(await text(await learnt(second, PARAPHRASES[0] ?? ''))).toBe(answer);
      await second.stop();
      cores.splice(cores.indexOf(second), 1);
      const third = await start(env);
      const again = await ask(third, PARAPHRASES[1] ?? '');
      expect([layerOf(again), await text(again)]).toEqual(['l1b', answer]);
    });
  });
});
