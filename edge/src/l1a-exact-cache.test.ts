import {
  chatBody,
  chatRequest,
  completionBody,
  completionRequest,
  embeddingBody,
  embeddingRequest,
  nativeRequest,
} from '@isartor/shared/testing';
import { describe, expect, test } from 'vitest';
import { CoreProgram } from './testing/core-program.ts';
import { sha256Hex } from './sha256-hex.ts';
import { EdgeUnderTest, KEY } from './testing/edge-under-test.ts';
import { digestOf, storedAnswer, storedMeta } from './testing/stored.ts';

const ANSWER = chatBody('Paris.');
const ASKED = chatRequest('Capital of France?');
const DIGEST = digestOf(ASKED);

/** An edge without Redis, and a core that stores every answer. */
async function edgeAndCore(bindings: Record<string, string> = {}): Promise<{ edge: EdgeUnderTest; core: CoreProgram }> {
  const edge = new EdgeUnderTest(bindings);
  const core = await CoreProgram.on('coreA', storedAnswer(storedMeta(edge.now), ANSWER, DIGEST));
  return { edge, core };
}

describe('without Redis, an answer that the core stored', () => {
  test('is served from the colo, byte for byte and with its provenance', async () => {
    const { edge, core } = await edgeAndCore();
    const first = await edge.ask({ headers: core.headers, body: ASKED });
    expect(first.headers.get('x-isartor-edge')).toBe('miss');
    expect(first.headers.get('x-isartor-layer')).toBe('l3');
    edge.now += 2_000;
    const second = await edge.ask({ headers: { ...core.headers, 'x-request-id': 'mine' }, body: ASKED });
    expect(second.status).toBe(200);
    expect(second.text).toBe(JSON.stringify(ANSWER));
    expect(Object.fromEntries(second.headers)).toMatchObject({
      'content-type': 'application/json',
      'x-isartor-layer': 'l1a',
      'x-isartor-deflected': 'true',
      'x-isartor-edge': 'hit',
      'x-isartor-cache': 'hit',
      'x-isartor-provider': 'openai',
      'x-isartor-model': 'gpt-4o-mini',
      'x-isartor-cost': '0;saved=0.00075',
      'x-isartor-entry': digestOf(ASKED),
      'x-request-id': 'mine',
      age: '2',
    });
    expect(second.headers.get('server-timing')).toMatch(/^l0;dur=\d+, l1a;dur=\d+$/);
    expect(await core.seen()).toHaveLength(1);
  });

  test('is served for 5 s and not longer', async () => {
    const { edge, core } = await edgeAndCore();
    const ask = { headers: core.headers, body: ASKED };
    await edge.ask(ask);
    edge.now += 5_000;
    expect((await edge.ask(ask)).headers.get('x-isartor-edge')).toBe('hit');
    edge.now += 1;
    expect((await edge.ask(ask)).headers.get('x-isartor-edge')).toBe('miss');
    expect(await core.seen()).toHaveLength(2);
  });

  test('is not kept longer by other answers that refresh epoch and policy', async () => {
    const { edge, core } = await edgeAndCore();
    await edge.ask({ headers: core.headers, body: ASKED });
    edge.now += 4_000;
    await edge.ask({ headers: core.headers, body: chatRequest('something else') });
    edge.now += 2_000;
    expect((await edge.ask({ headers: core.headers, body: ASKED })).headers.get('x-isartor-edge')).toBe('miss');
  });

  test.each([
    ['epoch', { epoch: '2000-b' }],
    ['policy', { policy: 'policy-2' }],
  ])('is not served once an answer with another %s was seen', async (_, changed) => {
    const { edge, core } = await edgeAndCore();
    await edge.ask({ headers: core.headers, body: ASKED });
    await core.answerWith(storedAnswer(storedMeta(edge.now, changed), ANSWER, DIGEST));
    await edge.ask({ headers: core.headers, body: chatRequest('something else') });
    expect((await edge.ask({ headers: core.headers, body: ASKED })).headers.get('x-isartor-edge')).toBe('miss');
  });

  test('of an earlier epoch than one seen is not served', async () => {
    const { edge, core } = await edgeAndCore();
    await core.answerWith(storedAnswer(storedMeta(edge.now, { epoch: '2000-b' }), ANSWER, DIGEST));
    await edge.ask({ headers: core.headers, body: chatRequest('something else') });
    await core.answerWith(storedAnswer(storedMeta(edge.now, { epoch: '1000-a' }), ANSWER, DIGEST));
    await edge.ask({ headers: core.headers, body: ASKED });
    expect((await edge.ask({ headers: core.headers, body: ASKED })).headers.get('x-isartor-edge')).toBe('miss');
  });

  test('serves a stream too, by replay', async () => {
    const { edge, core } = await edgeAndCore();
    await edge.ask({ headers: core.headers, body: ASKED });
    const stream = await edge.ask({ headers: core.headers, body: { ...ASKED, stream: true } });
    expect(stream.headers.get('x-isartor-edge')).toBe('hit');
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(stream.headers.get('x-accel-buffering')).toBe('no');
    expect(stream.text).toContain('"Paris."');
    expect(stream.text).not.toContain('"usage":{');
    expect(stream.text.endsWith('data: [DONE]\n\n')).toBe(true);
    const withUsage = { ...ASKED, stream: true, stream_options: { include_usage: true } };
    expect((await edge.ask({ headers: core.headers, body: withUsage })).text).toContain('"prompt_tokens":9');
  });

  test('is never another tenant’s answer', async () => {
    const keys = [{ tenant: 'other', name: 'k', sha256: sha256Hex('other-key') }];
    const { edge, core } = await edgeAndCore({ ISARTOR__AUTH__KEYS: JSON.stringify(keys) });
    await edge.ask({ headers: core.headers, body: ASKED });
    const headers = { ...core.headers, authorization: 'Bearer other-key' };
    expect((await edge.ask({ headers, body: ASKED })).headers.get('x-isartor-edge')).toBe('miss');
  });
});

describe('what is not kept at the colo', () => {
  const seconds = async (
    first: object,
    edge: EdgeUnderTest,
    core: CoreProgram,
    path?: string,
  ): Promise<string | null> => {
    const ask = { headers: core.headers, body: first, ...(path === undefined ? {} : { path }) };
    await edge.ask(ask);
    return (await edge.ask(ask)).headers.get('x-isartor-edge');
  };

  test('an answer without x-isartor-stored', async () => {
    const edge = new EdgeUnderTest();
    const core = await CoreProgram.on('coreA', { chunks: [JSON.stringify(ANSWER)] });
    expect(await seconds(ASKED, edge, core)).toBe('miss');
  });

  test('an answer marked with what cannot be read', async () => {
    const edge = new EdgeUnderTest();
    const core = await CoreProgram.on('coreA', {
      headers: { 'x-isartor-stored': '!' },
      chunks: [JSON.stringify(ANSWER)],
    });
    expect(await seconds(ASKED, edge, core)).toBe('miss');
  });

  test.each([
    ['a copy that the semantic cache made', { origin: 'l1b', source: 'a'.repeat(64) }],
    ['an entry whose time is over', { freshUntil: Date.now() - 1 }],
    ['an entry of another operation', { operation: 'openai.embeddings' }],
  ] as const)('%s', async (_, changed) => {
    const edge = new EdgeUnderTest();
    const core = await CoreProgram.on('coreA', storedAnswer(storedMeta(edge.now, changed), ANSWER, DIGEST));
    expect(await seconds(ASKED, edge, core)).toBe('miss');
  });

  test.each([
    ['an answer that the core stored under another key', { 'x-isartor-stored-digest': 'a'.repeat(64) }],
    ['an answer of a core that does not say under which', { 'x-isartor-stored-digest': '' }],
  ])('%s', async (_, headers) => {
    const edge = new EdgeUnderTest();
    const stored = storedAnswer(storedMeta(edge.now), ANSWER, DIGEST);
    const core = await CoreProgram.on('coreA', { ...stored, headers: { ...stored.headers, ...headers } });
    expect(await seconds(ASKED, edge, core)).toBe('miss');
  });

  test('a native answer', async () => {
    const edge = new EdgeUnderTest();
    const meta = storedMeta(edge.now, { operation: 'native.chat' });
    const answer = { layer: 3, message: 'Paris.', model: 'm' };
    const digest = digestOf(nativeRequest(), 'native.chat');
    const core = await CoreProgram.on('coreA', storedAnswer(meta, answer, digest));
    expect(await seconds(nativeRequest(), edge, core, '/api/chat')).toBe('miss');
  });

  test('an answer that is cut', async () => {
    const edge = new EdgeUnderTest();
    const whole = storedAnswer(storedMeta(edge.now), ANSWER, DIGEST);
    const core = await CoreProgram.on('coreA', { ...whole, ending: 'cut' });
    const { response, settle } = await edge.open({ headers: core.headers, body: ASKED });
    await expect(response.text()).rejects.toThrow('Network connection lost');
    await settle();
    await core.answerWith(whole);
    expect((await edge.ask({ headers: core.headers, body: ASKED })).headers.get('x-isartor-edge')).toBe('miss');
  });

  test('a stream', async () => {
    const edge = new EdgeUnderTest();
    const headers = {
      ...storedAnswer(storedMeta(edge.now), ANSWER, DIGEST).headers,
      'content-type': 'text/event-stream',
    };
    const core = await CoreProgram.on('coreA', { headers, chunks: ['data: {}\n\n', 'data: [DONE]\n\n'] });
    expect(await seconds({ ...ASKED, stream: true }, edge, core)).toBe('miss');
    expect((await edge.ask({ headers: core.headers, body: ASKED })).headers.get('x-isartor-edge')).toBe('miss');
  });
});

describe('what the request says about caching is obeyed', () => {
  test.each([
    ['cache-control: no-store', { 'cache-control': 'no-store' }, 'bypass'],
    ['cache-control: no-cache', { 'cache-control': 'no-cache' }, 'bypass'],
    ['x-isartor-bypass: l1a', { 'x-isartor-bypass': 'l1a' }, 'bypass'],
    ['x-isartor-bypass of a layer that had no part in it', { 'x-isartor-bypass': 'l1b' }, 'hit'],
    ['a shorter x-isartor-cache-ttl than the age', { 'x-isartor-cache-ttl': '1' }, 'miss'],
    ['a longer x-isartor-cache-ttl than the age', { 'x-isartor-cache-ttl': '10' }, 'hit'],
    ['a session id', { 'x-isartor-session-id': 's1' }, 'miss'],
    ['another answer header', { 'openai-beta': 'assistants=v2' }, 'miss'],
  ])('%s', async (_, headers, verdict) => {
    const { edge, core } = await edgeAndCore();
    await edge.ask({ headers: core.headers, body: ASKED });
    edge.now += 2_000;
    const answer = await edge.ask({ headers: { ...core.headers, ...headers }, body: ASKED });
    expect(answer.headers.get('x-isartor-edge')).toBe(verdict);
  });

  test('no-cache does store, no-store does not', async () => {
    for (const [directive, verdict] of [
      ['no-cache', 'hit'],
      ['no-store', 'miss'],
    ] as const) {
      const { edge, core } = await edgeAndCore();
      await edge.ask({ headers: { ...core.headers, 'cache-control': directive }, body: ASKED });
      expect((await edge.ask({ headers: core.headers, body: ASKED })).headers.get('x-isartor-edge')).toBe(verdict);
    }
  });

  test('x-isartor-bypass: l2 is not answered with what the small model wrote', async () => {
    const edge = new EdgeUnderTest();
    const meta = storedMeta(edge.now, { layer: 'l2', origin: 'l2' });
    const core = await CoreProgram.on('coreA', storedAnswer(meta, ANSWER, DIGEST));
    await edge.ask({ headers: core.headers, body: ASKED });
    const headers = { ...core.headers, 'x-isartor-bypass': 'l2' };
    expect((await edge.ask({ headers, body: ASKED })).headers.get('x-isartor-edge')).toBe('miss');
    expect((await edge.ask({ headers: core.headers, body: ASKED })).headers.get('x-isartor-edge')).toBe('hit');
  });

  test.each([
    ['x-isartor-cache-ttl', 'soon'],
    ['x-isartor-bypass', 'l9'],
    ['x-isartor-session-id', 'x'.repeat(300)],
  ])('%s that makes no sense is a 400 that names it', async (name, value) => {
    const answer = await new EdgeUnderTest().ask({ headers: { [name]: value }, body: ASKED });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'invalid_header', param: name } });
  });

  test.each([
    ['store: true', '"store":true'],
    ['a hosted tool', '"tools":[{"type":"web_search"}]'],
    ['a number that cannot be told exactly', '"temperature":0.12345678901234567'],
  ])('%s is not looked up', async (_, member) => {
    const { edge, core } = await edgeAndCore();
    const body = JSON.stringify(ASKED).replace('{', `{${member},`);
    await edge.ask({ headers: core.headers, body });
    expect((await edge.ask({ headers: core.headers, body })).headers.get('x-isartor-edge')).toBe('bypass');
  });
});

describe('what the operator says about caching is obeyed', () => {
  test.each([
    [{ ISARTOR__CACHE_MODE: 'off' }, 'bypass'],
    [{ ISARTOR__CACHE_MODE: 'semantic' }, 'bypass'],
    [{ ISARTOR__CACHE_MODE: 'exact' }, 'hit'],
    [{ ISARTOR__CACHE_MODE: 'both' }, 'hit'],
    [{ ISARTOR__CACHE_TTL_SECS: '60' }, 'miss'],
    [{ ISARTOR__CACHE_SAMPLED: 'false' }, 'bypass'],
  ])('%j: %s', async (bindings, verdict) => {
    const { edge, core } = await edgeAndCore(bindings);
    await edge.ask({ headers: core.headers, body: ASKED });
    expect((await edge.ask({ headers: core.headers, body: ASKED })).headers.get('x-isartor-edge')).toBe(verdict);
  });

  test('users share answers only where CACHE_SHARE_USERS says so', async () => {
    for (const [share, storedAs, verdict] of [
      ['true', ASKED, 'hit'],
      ['false', { ...ASKED, user: 'ann' }, 'miss'],
    ] as const) {
      const { edge, core } = await edgeAndCore({ ISARTOR__CACHE_SHARE_USERS: share });
      await core.answerWith(storedAnswer(storedMeta(edge.now), ANSWER, digestOf(storedAs)));
      await edge.ask({ headers: core.headers, body: { ...ASKED, user: 'ann' } });
      const answer = await edge.ask({ headers: core.headers, body: { ...ASKED, user: 'bob' } });
      expect(answer.headers.get('x-isartor-edge')).toBe(verdict);
    }
  });
});

describe('what a key may have is obeyed', () => {
  test.each([
    ['cache off', { cache: 'off' }, {}, 'bypass'],
    ['cache exact', { cache: 'exact' }, {}, 'hit'],
    ['a ttl shorter than the age', { ttl: 1 }, {}, 'miss'],
    ['a ttl longer than the age', { ttl: 60 }, {}, 'hit'],
    ['layers without l1a', { layers: ['l2', 'l3'] }, {}, 'bypass'],
    ['layers with l1a alone', { layers: ['l1a'] }, {}, 'hit'],
    ['layers without l2, for what l2 wrote', { layers: ['l1a', 'l3'] }, { layer: 'l2', origin: 'l2' }, 'miss'],
  ] as const)('%s', async (_, policy, meta, verdict) => {
    const keys = [
      { tenant: 'acme', name: 'limited', sha256: sha256Hex('limited'), ...policy },
      { tenant: 'acme', name: 'free', sha256: sha256Hex(KEY) },
    ];
    const edge = new EdgeUnderTest({ ISARTOR__GATEWAY_API_KEY: '', ISARTOR__AUTH__KEYS: JSON.stringify(keys) });
    const digest = digestOf(ASKED, 'openai.chat', 'acme');
    const core = await CoreProgram.on('coreA', storedAnswer(storedMeta(edge.now, meta), ANSWER, digest));
    await edge.ask({ headers: core.headers, body: ASKED });
    edge.now += 2_000;
    const headers = { ...core.headers, authorization: 'Bearer limited' };
    expect((await edge.ask({ headers, body: ASKED })).headers.get('x-isartor-edge')).toBe(verdict);
  });
});

test.each([
  ['/v1/completions', 'openai.completions', completionRequest(), completionBody('once')],
  ['/v1/embeddings', 'openai.embeddings', embeddingRequest(), embeddingBody()],
] as const)('%s is served from the colo like chat', async (path, operation, body, stored) => {
  const edge = new EdgeUnderTest();
  const core = await CoreProgram.on(
    'coreA',
    storedAnswer(storedMeta(edge.now, { operation }), stored, digestOf(body, operation)),
  );
  await edge.ask({ path, headers: core.headers, body });
  const answer = await edge.ask({ path, headers: core.headers, body });
  expect(answer.headers.get('x-isartor-edge')).toBe('hit');
  expect(answer.text).toBe(JSON.stringify(stored));
});

test('a Cache API that throws is a miss and fails nothing', async () => {
  const { edge, core } = await edgeAndCore();
  const open = caches.open.bind(caches);
  caches.open = () => Promise.reject(new Error('No Cache was configured'));
  try {
    expect((await edge.ask({ headers: core.headers, body: ASKED })).status).toBe(200);
    expect((await edge.ask({ headers: core.headers, body: ASKED })).headers.get('x-isartor-edge')).toBe('miss');
  } finally {
    caches.open = open;
  }
});

describe('a copy in the colo is told to live', () => {
  async function maxAgeOf(freshMs: number, bindings: Record<string, string>): Promise<string | null | undefined> {
    const namespace = `max-age-${crypto.randomUUID()}`;
    const { edge, core } = await edgeAndCore({ ISARTOR__CACHE_NAMESPACE: namespace, ...bindings });
    const freshUntil = edge.now + freshMs;
    await core.answerWith(
      storedAnswer(storedMeta(edge.now, { createdAt: freshUntil - 300_000, freshUntil }), ANSWER, DIGEST),
    );
    await edge.ask({ headers: core.headers, body: ASKED });
    const copy = await (
      await caches.open('isartor-v1')
    ).match(`https://isartor.invalid/${namespace}/${digestOf(ASKED)}`);
    await copy?.arrayBuffer();
    return copy?.headers.get('cache-control');
  }

  test('no longer than its entry is fresh', async () => {
    expect(await maxAgeOf(2_500, {})).toBe('max-age=2');
  });

  test('no longer than 5 s without Redis', async () => {
    expect(await maxAgeOf(200_000, {})).toBe('max-age=5');
  });

  test('as long as its entry is fresh with Redis', async () => {
    const upstash = { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:9', UPSTASH_REDIS_REST_TOKEN: 't' };
    expect(await maxAgeOf(200_000, upstash)).toBe('max-age=200');
  });
});

test('a request that no layer could answer is refused at the edge', async () => {
  const edge = new EdgeUnderTest();
  const wrong = async (ask: Parameters<EdgeUnderTest['ask']>[0]): Promise<unknown> => {
    const { status, text } = await edge.ask(ask);
    return [status, /"code":"(\w+)"/.exec(text)?.[1]];
  };
  expect(await wrong({ body: '{"model":' })).toEqual([400, 'invalid_json']);
  expect(await wrong({ body: '{"a":1,"a":2}' })).toEqual([400, 'unsafe_json']);
  expect(await wrong({ body: { model: 'm' } })).toEqual([400, 'invalid_request']);
  expect(await wrong({ body: ASKED, path: '/v1/chat/completions?debug=1' })).toEqual([400, 'invalid_query']);
  expect(await wrong({ body: ASKED, headers: { 'content-type': 'text/plain' } })).toEqual([
    415,
    'unsupported_media_type',
  ]);
  expect(await wrong({ body: ASKED, headers: { 'content-encoding': 'gzip' } })).toEqual([
    415,
    'unsupported_media_type',
  ]);
});
