import { createHash } from 'node:crypto';
import { HEADER, type JsonObject } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExactCacheStore } from '../src/l1a-exact-cache/exact-cache-store.port.ts';
import { testEmbeddingServer } from './support/embedding-server.ts';
import { fakePool } from './support/fake-pool.ts';
import { freePort } from './support/free-port.ts';
import { referenceModel } from './support/reference-model.ts';
import { startCoreWithPool } from './support/small-model.ts';
import { layerOf, startCore, type RunningCore } from './support/start-core.ts';

const MINILM = referenceModel('all-MiniLM-L6-v2');
const CHAT = '/v1/chat/completions';
const EXPLAIN = '/api/v1/explain';
const ASKED = 'How do I reset a password?';
const PARAPHRASE = 'How can I reset a password?';
const OPPOSITE = 'How do I not reset a password?';
const OTHERS = { authorization: 'Bearer key-of-other' };
const keyOf = (tenant: string, more: object = {}) => ({
  tenant,
  name: 'web',
  sha256: createHash('sha256').update(`key-of-${tenant}`).digest('hex'),
  ...more,
});
const KEYS = JSON.stringify([
  keyOf('other'),
  keyOf('exact', { cache: 'exact' }),
  keyOf('local', { layers: ['l1a', 'l2'] }),
]);

interface Explained {
  readonly message: string;
  readonly tenant: string;
  readonly cache_key: { readonly digest: string; readonly parts: Record<string, unknown> & { body: JsonObject } };
  readonly cacheable: JsonObject;
  readonly answer_from: string | null;
  readonly layers: readonly (JsonObject & { readonly layer: string })[];
  readonly pair: JsonObject & { readonly l1b: JsonObject };
  readonly other: Explained;
}

let upstream: FakeUpstream;
/** For what needs no settings of its own and stores nothing. */
let plain: RunningCore;
let plainUpstream: FakeUpstream;
const running: { stop(): Promise<unknown> }[] = [];

beforeAll(async () => {
  plainUpstream = await fakeUpstream({ respond: wellBehaved });
  plain = await startCore(plainUpstream.url, { ISARTOR__AUTH__KEYS: KEYS, ISARTOR__CACHE_MODE: 'both' });
});
afterAll(async () => {
  await plain.stop();
  await plainUpstream.close();
});
beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});
afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
  await upstream.close();
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<RunningCore> {
  const core = await startCore(upstream.url, { ISARTOR__AUTH__KEYS: KEYS, ...env });
  running.push(core);
  return core;
}

async function explain(core: RunningCore, body: JsonObject | string, headers: Record<string, string> = {}) {
  const response = await core.post(EXPLAIN, body, headers);
  return { status: response.status, answer: (await response.json()) as Explained };
}

const wrapped = (request: JsonObject, more: JsonObject = {}): JsonObject => ({
  operation: 'openai.chat',
  request,
  ...more,
});

async function layerExplained(
  core: RunningCore,
  layer: string,
  body: JsonObject,
  headers: Record<string, string> = {},
) {
  const { status, answer } = await explain(core, body, headers);
  expect([status, answer.message]).toEqual([200, undefined]);
  return answer.layers.find((one) => one.layer === layer);
}

describe('what is explained of the exact cache', () => {
  it('is what becomes of the request: first a miss, then a hit under the key that is told', async () => {
    const core = await start();
    const request = chatRequest('x', { temperature: 0.5, stream: true });
    const before = await explain(core, wrapped(request));
    expect(before.answer).toMatchObject({
      tenant: 'default',
      key: 'gateway',
      operation: 'openai.chat',
      answer_from: 'l3',
    });
    expect(before.answer.layers.map(({ layer, would }) => [layer, would])).toEqual([
      ['l0', 'pass on'],
      ['l1a', 'pass on'],
      ['l1b', 'pass on'],
      ['l2', 'pass on'],
      ['l3', 'ask'],
    ]);
    expect(before.answer.layers[1]).toMatchObject({ cache: 'miss;why=epoch', entry: null, may_read: true });
    expect(Object.keys(before.answer.cache_key.parts.body)).toEqual(['messages', 'model', 'temperature']);
    expect(before.answer.cache_key.parts).toMatchObject({ left_out: ['stream'] });

    await (await core.post(CHAT, request)).text();
    const hit = await core.post(CHAT, request);
    await hit.text();
    const after = await explain(core, wrapped(request, { operation: CHAT }));
    expect(after.answer).toMatchObject({ answer_from: 'l1a', cache_key: { digest: hit.headers.get(HEADER.entry) } });
    expect(after.answer.layers[1]).toMatchObject({
      would: 'answer',
      cache: 'hit',
      entry: { fresh: true, layer: 'l3', origin: 'l3', source: null, provider: expect.any(String) },
    });
    expect((await layerExplained(core, 'l1a', wrapped(chatRequest('y'))))?.['cache']).toBe('miss;why=absent');
  });

  it('tells nothing of another tenant: the same request has another key and no entry there', async () => {
    const core = await start();
    const request = chatRequest('x');
    await (await core.post(CHAT, request)).text();
    const [ours, theirs] = [await explain(core, wrapped(request)), await explain(core, wrapped(request), OTHERS)];
    expect([ours.answer.answer_from, theirs.answer.answer_from]).toEqual(['l1a', 'l3']);
    expect(theirs.answer.tenant).toBe('other');
    expect(theirs.answer.cache_key.digest).not.toBe(ours.answer.cache_key.digest);
    expect(JSON.stringify(theirs.answer)).not.toContain(ours.answer.cache_key.digest);
  });

  it.each<[string, JsonObject, JsonObject, Record<string, string>, string]>([
    ['no-cache', {}, { 'Cache-Control': 'no-cache' }, {}, 'bypass;why=no-cache'],
    ['no-store', {}, { 'cache-control': 'no-store' }, {}, 'bypass;why=no-store'],
    ['a bypass', {}, { [HEADER.bypass]: 'l1a' }, {}, 'bypass;why=bypassed'],
    ['store: true', { store: true }, {}, {}, 'bypass;why=store'],
    ['a hosted tool', { tools: [{ type: 'web_search' }] }, {}, {}, 'bypass;why=hosted-tool'],
  ])('names the rule: %s', async (_what, more, headers, as, cache) => {
    expect(await layerExplained(plain, 'l1a', wrapped(chatRequest('x', more), { headers }), as)).toMatchObject({
      would: 'pass on',
      cache,
    });
  });

  it('reads numbers as they are written', async () => {
    const long =
      '{"operation":"openai.chat","request":{"messages":[{"role":"user","content":"x"}],"seed":12345678901234567890}}';
    const { answer } = await explain(plain, long);
    expect(answer.cacheable).toEqual({ verdict: false, rule: 'inexact-number' });
    expect((await explain(plain, wrapped(chatRequest('x')))).answer.cacheable).toEqual({ verdict: true });
  });
});

describe('an explanation', () => {
  it('calls nobody, stores nothing and counts nothing', async () => {
    const port = await freePort();
    const core = await start({ ISARTOR__METRICS_PORT: String(port), ISARTOR__CACHE_MODE: 'both' });
    const counted = async () =>
      (await (await fetch(`http://127.0.0.1:${port}/metrics`)).text())
        .split('\n')
        .filter(
          (line) => /^isartor_(requests|cache|semantic|l2|errors|feedback)/.test(line) && !line.includes('in_flight'),
        );
    const before = await counted();
    for (let i = 0; i < 3; i += 1)
      await explain(core, wrapped(chatRequest('x'), { other: { request: chatRequest('y') } }));
    expect(await counted()).toEqual(before);
    expect(upstream.requests).toHaveLength(0);
    const peeked = await core.app.get<ExactCacheStore>(ExactCacheStore).peek('default', undefined);
    expect(peeked).toEqual({ record: undefined, entry: undefined });
  });

  it.each<[string, JsonObject, JsonObject | null]>([
    ['nothing', {}, null],
    ['a stream', { request: chatRequest('x', { stream: true }) }, null],
    [
      'the question',
      { request: chatRequest('yy') },
      { part: 'body', pointer: '/messages/0/content', here: 'a text of 1 characters', there: 'a text of 2 characters' },
    ],
    [
      'the temperature',
      { request: chatRequest('x', { temperature: 0 }) },
      { part: 'body', pointer: '/temperature', here: 'absent', there: '0' },
    ],
    [
      'a header',
      { headers: { 'OpenAI-Beta': 'a=1' } },
      { part: 'answer_headers', pointer: '/openai-beta', here: 'absent', there: 'a text of 3 characters' },
    ],
    [
      'the session',
      { headers: { [HEADER.sessionId]: 's' } },
      { part: 'session', pointer: '', here: 'null', there: 'a text of 1 characters' },
    ],
    [
      'the query',
      { query: { 'api-version': '2' } },
      { part: 'path_parameters', pointer: '/api-version', here: 'absent', there: 'a text of 1 characters' },
    ],
    [
      'the operation',
      { operation: 'native.chat', request: { prompt: 'x' } },
      { part: 'operation', pointer: '', here: 'a text of 11 characters', there: 'a text of 11 characters' },
    ],
  ])('of two requests says where they differ first: %s', async (_what, other, difference) => {
    const { answer } = await explain(
      plain,
      wrapped(chatRequest('x'), { other: { request: chatRequest('x'), ...other } }),
    );
    expect(answer.pair).toMatchObject({ same_key: difference === null, first_difference: difference });
    expect(answer.cache_key.digest === answer.other.cache_key.digest).toBe(difference === null);
  });

  it('goes by what the key may', async () => {
    const body = wrapped(chatRequest('x'));
    const local = await explain(plain, body, { authorization: 'Bearer key-of-local' });
    expect(local.answer.layers.slice(2).map(({ layer, would }) => [layer, would])).toEqual([
      ['l1b', 'pass on'],
      ['l2', 'pass on'],
      ['l3', 'refuse'],
    ]);
    expect(local.answer.answer_from).toBe('l3');
    const exact = await layerExplained(plain, 'l1b', body, { authorization: 'Bearer key-of-exact' });
    expect(exact?.['why']).toContain("the key's cache is exact");
  });

  it.each<[JsonObject | string, string]>([
    ['[]', 'body'],
    ['{', 'JSON'],
    [{ request: {} }, 'operation'],
    [{ operation: 'openai.chat' }, 'request'],
    [{ operation: '/v1/models', request: {} }, 'operation'],
    [{ operation: 7, request: {} }, 'operation'],
    [wrapped({}, { headers: { a: 1 } }), 'headers.a'],
    [wrapped({}, { headers: [] }), 'headers'],
    [wrapped(chatRequest('x'), { query: { x: '1' } }), '"x"'],
    [wrapped(chatRequest('x'), { headers: { [HEADER.cacheTtl]: 'soon' } }), `headers.${HEADER.cacheTtl}`],
    [wrapped({}), 'request.messages'],
    [wrapped({ messages: [{ role: 1 }] }), 'request.messages[0].role'],
    [wrapped(chatRequest('x'), { other: {} }), 'other.request'],
    [wrapped(chatRequest('x'), { other: { request: { messages: [] } } }), 'other.request.messages'],
    [wrapped(chatRequest('x'), { other: { request: {}, other: {} } }), 'other.other'],
    [wrapped(chatRequest('x'), { more: 1 }), 'more'],
    ['{"operation":"openai.chat","operation":"openai.chat","request":{}}', 'twice'],
  ])('of %j is refused, naming %s', async (body, named) => {
    const { status, answer } = await explain(plain, body);
    expect([status, answer]).toEqual([400, { error: expect.any(String), message: expect.any(String) }]);
    expect(answer.message).toContain(named);
  });

  it('is for callers with a key, and no longer than a request may be', async () => {
    const core = await start({ ISARTOR__LIMITS__BODY_BYTES: '65536' });
    expect((await explain(core, wrapped(chatRequest('x')), { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await explain(core, wrapped(chatRequest('x'.repeat(70_000))))).status).toBe(413);
    expect((await core.get(EXPLAIN)).status).toBe(405);
  });
});

describe('what is explained of the models', () => {
  const small = {
    ISARTOR__ROUTER_BACKEND: 'vllm',
    ISARTOR__VLLM_MODEL: 'small',
    ISARTOR__EXTERNAL_LLM_MODEL: 'gpt-4o-mini',
  };

  it('stops where a model would have to be asked', async () => {
    const pool = await fakePool('vllm');
    running.push({ stop: () => pool.upstream.close() });
    const core = await startCoreWithPool(upstream, {
      ...small,
      ISARTOR__VLLM_URL: pool.url,
      ISARTOR__LAYER2__DECIDE: 'probe',
    });
    running.push(core);
    const probe = await layerExplained(core, 'l2', wrapped(chatRequest('x', { model: 'gpt-4o-mini' })));
    expect(probe).toMatchObject({ would: 'ask', why: expect.stringContaining('would ask the probe'), model: 'small' });
    const named = await layerExplained(core, 'l2', wrapped(chatRequest('x', { model: 'gpt-4o' })));
    expect(named).toMatchObject({ would: 'pass on', replaces: ['gpt-4o-mini'] });
    const tools = chatRequest('x', { model: 'gpt-4o-mini', tools: [{ type: 'function', function: { name: 'f' } }] });
    expect(await layerExplained(core, 'l2', wrapped(tools))).toMatchObject({ would: 'pass on', route: 'l3;why=tools' });
    expect([pool.probes().length, pool.chats().length]).toEqual([0, 0]);
  });

  it('names providers and models in the order in which they are asked', async () => {
    const providers = [
      { name: 'primary', url: upstream.url, key: 'sk-primary', model: 'model-a' },
      { name: 'standby', url: upstream.url, key: 'sk-standby', model: 'model-b' },
    ];
    const core = await start({ ISARTOR__L3__PROVIDERS: JSON.stringify(providers) });
    const { model: _, ...open } = chatRequest('x');
    const cloud = await layerExplained(core, 'l3', wrapped(open));
    expect(cloud).toMatchObject({
      would: 'ask',
      providers: [
        { provider: 'primary', model: 'model-a', breaker: 'closed' },
        { provider: 'standby', model: 'model-b', breaker: 'closed' },
      ],
    });
    const named = await layerExplained(core, 'l3', wrapped(chatRequest('x', { model: 'gpt-4o' })));
    expect(named).toMatchObject({ providers: [{ model: 'gpt-4o' }, { model: 'gpt-4o' }] });
    expect(JSON.stringify([cloud, named])).not.toMatch(/sk-primary|http/);
  });
});

describe('what is explained of the semantic cache', () => {
  it.each<[JsonObject, string]>([
    [chatRequest('What is my balance?'), 'ineligible:personal'],
    [chatRequest('What is the weather like in Bonn?'), 'ineligible:volatile'],
    [chatRequest('Context:\nx'), 'ineligible:line-break'],
    [chatRequest('x', { tools: [{ type: 'function', function: { name: 'f' } }] }), 'ineligible:tools'],
    [
      chatRequest('x', {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
          { role: 'user', content: 'c' },
        ],
      }),
      'ineligible:multi-turn',
    ],
  ])('names why a question is not looked up: %j', async (request, semantic) => {
    expect(await layerExplained(plain, 'l1b', wrapped(request))).toMatchObject({ eligible: false, semantic });
  });

  it('judges a pair by its rules without any model', async () => {
    const core = await start({ ISARTOR__CACHE_MODE: 'exact' });
    const { answer } = await explain(core, wrapped(chatRequest(ASKED), { other: { request: chatRequest(OPPOSITE) } }));
    expect(answer.pair.l1b).toMatchObject({
      comparable: true,
      same_scope: true,
      rules: { verdict: 'guarded', rule: 'negation' },
    });
    const scopes = await explain(
      core,
      wrapped(chatRequest(ASKED), { other: { request: chatRequest(PARAPHRASE, { user: 'u' }) } }),
    );
    expect(scopes.answer.pair.l1b).toMatchObject({ same_scope: false, rules: { verdict: 'hit' }, verifier: null });
  });

  it('says which part is down, and weighs a pair without the index', async () => {
    const pair = wrapped(chatRequest(PARAPHRASE), { other: { request: chatRequest(ASKED) } });
    const stored = async (env: Record<string, string>) => {
      const core = await start({ ISARTOR__SEMANTIC_CACHE__MODE: 'serve', ...env });
      await (await core.post(CHAT, chatRequest('x'))).text();
      return (await explain(core, pair)).answer;
    };
    const withoutModel = await stored({});
    expect(withoutModel.layers[2]).toMatchObject({ why: 'the embedder is down', semantic: 'unavailable' });
    expect(withoutModel.pair.l1b).toMatchObject({ verifier: null, why: 'the embedder is down' });
    const withoutIndex = await stored({
      ISARTOR__SEMANTIC_CACHE__EMBEDDER: 'builtin',
      ISARTOR__SEMANTIC_CACHE__TIMEOUT_MS: '10000',
      ISARTOR__CACHE_BACKEND: 'redis',
      ISARTOR__REDIS_URL: 'redis://127.0.0.1:1',
    });
    expect(withoutIndex.pair.l1b).toMatchObject({ verifier: { verdict: 'hit', cosine: expect.any(Number) } });
    const off = await stored({ ISARTOR__CACHE_MODE: 'exact' });
    expect(off.pair.l1b).toMatchObject({ verifier: null, why: 'this deployment keeps no semantic cache' });
  });

  it.skipIf(MINILM === undefined)(
    'says whether a question that means the same is there, never what it says',
    async () => {
      const core = await start({
        ISARTOR__SEMANTIC_CACHE__MODEL_DIR: MINILM ?? '',
        ISARTOR__SEMANTIC_CACHE__TIMEOUT_MS: '10000',
        ISARTOR__SEMANTIC_CACHE__MODE: 'serve',
        ISARTOR__SIMILARITY_THRESHOLD: '0.8',
      });
      const about = wrapped(chatRequest(PARAPHRASE), { other: { request: chatRequest(ASKED) } });
      await vi.waitFor(
        async () => {
          await (await core.post(CHAT, chatRequest(ASKED), { 'cache-control': 'no-cache' })).text();
          expect((await explain(core, about)).answer.answer_from).toBe('l1b');
        },
        { timeout: 20_000, interval: 100 },
      );
      const { answer } = await explain(core, about);
      const source = answer.other.cache_key.digest;
      expect(answer.layers[2]).toMatchObject({
        would: 'answer',
        eligible: true,
        semantic: 'hit',
        source,
        mode: 'serve',
      });
      expect(answer.pair.l1b).toMatchObject({
        same_scope: true,
        verifier: { verdict: 'hit', probability: expect.any(Number) },
      });
      // It stays an explanation: the paraphrase's own answer is not there before it is asked for.
      expect(answer.layers[1]).toMatchObject({ cache: 'miss;why=absent' });
      const asked = await core.post(CHAT, chatRequest(PARAPHRASE));
      expect([layerOf(asked), asked.headers.get(HEADER.entry)]).toEqual(['l1b', source]);
      const alone = await explain(core, wrapped(chatRequest('How may I reset a password?')));
      expect(JSON.stringify(alone.answer)).not.toContain(ASKED);
    },
  );

  it.skipIf(MINILM === undefined)('asks no server for a vector, and says so', async () => {
    const server = await testEmbeddingServer(MINILM ?? '', 'tei');
    running.push({ stop: () => server.close() });
    const core = await start({
      ISARTOR__EMBEDDING_SIDECAR__SIDECAR_URL: server.url,
      ISARTOR__SEMANTIC_CACHE__MODE: 'serve',
    });
    const embedded = () => server.requests.filter((path) => /embed/.test(path)).length;
    await vi.waitFor(async () => expect(server.requests.length).toBeGreaterThan(0));
    const before = embedded();
    const { answer } = await explain(
      core,
      wrapped(chatRequest(ASKED), { other: { request: chatRequest(PARAPHRASE) } }),
    );
    expect(answer.layers[2]).toMatchObject({ would: 'ask', why: expect.stringContaining('embedding server') });
    expect(answer.pair.l1b).toMatchObject({ verifier: null, why: expect.stringContaining('embedding server') });
    expect(embedded()).toBe(before);
  });
});
