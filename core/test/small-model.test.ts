import { HEADER, type JsonObject } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  completionRequest,
  fakeUpstream,
  jsonAnswer,
  nativeRequest,
  wellBehaved,
  type FakeAnswer,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import {
  BACKENDS,
  errorEvent,
  fakePool,
  loadingAnswer,
  overflowAnswer,
  overloadedAnswer,
  piece,
  type Backend,
  type FakePool,
} from './support/fake-pool.ts';
import { startCoreWithPool, untilPool } from './support/small-model.ts';
import { layerOf, startCore, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const LONG = 'The capital of Austria is Vienna, which lies on the Danube and has two million inhabitants.';
const NEVER = new Promise<never>(() => undefined);

let cloud: FakeUpstream;
let pool: FakePool;
let core: RunningCore;
const started: (() => Promise<void>)[] = [];

beforeEach(async () => {
  cloud = await fakeUpstream({ respond: wellBehaved });
  started.push(() => cloud.close());
});

afterEach(async () => {
  for (const stop of started.splice(0).toReversed()) await stop();
});

async function start(backend: Backend = 'vllm', env: Readonly<Record<string, string>> = {}): Promise<void> {
  pool = await fakePool(backend);
  started.push(() => pool.upstream.close());
  core = await startCoreWithPool(cloud, {
    ISARTOR__ROUTER_BACKEND: backend,
    ISARTOR__VLLM_URL: pool.url,
    ISARTOR__VLLM_MODEL: 'small',
    ...env,
  });
  started.push(() => core.stop());
}

function answerWith(answer: FakeAnswer): void {
  pool.behaviour.answer = () => answer;
}

function routeOf(response: Response): string | null {
  return response.headers.get(HEADER.route);
}

const auto = (text: string, overrides: JsonObject = {}): JsonObject =>
  chatRequest(text, { model: 'isartor/auto', ...overrides });

describe.each(BACKENDS)('a pool of %s', (backend) => {
  beforeEach(() => start(backend));

  it('answers, says so, and is answered for by the cache the next time', async () => {
    const first = await core.post(CHAT, auto('hello'));
    expect(await first.json()).toMatchObject({
      model: 'small',
      choices: [{ message: { content: 'Small answer to: hello' } }],
    });
    expect(Object.fromEntries(first.headers)).toMatchObject({
      [HEADER.layer]: 'l2',
      [HEADER.deflected]: 'true',
      [HEADER.provider]: backend,
      [HEADER.model]: 'small',
      [HEADER.route]: 'l2;p=1.00',
    });
    expect(first.headers.get('server-timing')).toMatch(/l1a;dur=[\d.]+, l1b;dur=[\d.]+, l2;dur=/);
    const second = await core.post(CHAT, auto('hello'));
    expect(layerOf(second)).toBe('l1a');
    expect(second.headers.get(HEADER.model)).toBe('small');
    expect(cloud.requests).toHaveLength(0);
  });

  it('streams, without the usage that the client did not ask for', async () => {
    const response = await core.post(CHAT, auto('hello', { stream: true }));
    expect(layerOf(response)).toBe('l2');
    const text = await response.text();
    expect(text).toContain('"answer "');
    expect(text).not.toContain('"usage":{');
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(layerOf(await core.post(CHAT, auto('hello')))).toBe('l1a');
  });

  test.each<[string, () => FakeAnswer, string]>([
    ['a prompt beyond its context', () => overflowAnswer(backend), 'refused'],
    ['too much to do', () => overloadedAnswer(backend), 'busy'],
    ['weights that are being read', () => loadingAnswer(backend), 'busy'],
    ['a fault of its own', () => ({ kind: 'json', status: 500, body: { error: 'x' } }), 'failed'],
    ['an error inside a 200', () => jsonAnswer({ error: { message: 'out of memory' } }), 'failed'],
    ['something that is no JSON', () => ({ kind: 'text', body: '<html>' }), 'failed'],
    ['a reset', () => ({ kind: 'refuse' }), 'failed'],
  ])('with %s lets the cloud answer', async (_, answer, why) => {
    answerWith(answer());
    const response = await core.post(CHAT, auto('hello'));
    expect([response.status, layerOf(response), routeOf(response)]).toEqual([200, 'l3', `l3;p=1.00;why=${why}`]);
    expect(response.headers.get(HEADER.deflected)).toBe('false');
  });

  it('that fails in a stream before the answer was passed on is not noticed', async () => {
    answerWith({ kind: 'stream', steps: [piece('Vienna'), errorEvent(backend)] });
    const response = await core.post(CHAT, auto('hello', { stream: true }));
    expect(layerOf(response)).toBe('l3');
    const text = await response.text();
    expect(text).toContain('Answer to: ');
    expect(text).not.toContain('Vienna');
  });

  it('is asked for one letter, in its own words, where the small model decides itself', async () => {
    await core.stop();
    started.pop();
    await startWithProbe(backend);
    pool.behaviour.probability = 0.83;
    const yes = await core.post(CHAT, auto('easy'));
    expect([layerOf(yes), routeOf(yes)]).toEqual(['l2', 'l2;p=0.83']);
    pool.behaviour.probability = 0.12;
    const no = await core.post(CHAT, auto('hard'));
    expect([layerOf(no), routeOf(no)]).toEqual(['l3', 'l3;p=0.12']);
    const constraint = {
      vllm: { structured_outputs: { choice: ['A', 'B'] }, guided_choice: ['A', 'B'], top_logprobs: 20 },
      tgi: { response_format: { type: 'regex', value: '(A|B)' }, top_logprobs: 5 },
      llamacpp: { grammar: 'root ::= "A" | "B"', top_logprobs: 20 },
      openai: { top_logprobs: 20 },
    }[backend];
    expect(pool.probes()).toHaveLength(2);
    expect(pool.probes()[0]).toMatchObject({ model: 'small', max_tokens: 1, logprobs: true, ...constraint });
    expect(JSON.stringify(pool.probes()[0]?.['messages'])).toContain('easy');
  });
});

async function startWithProbe(backend: Backend): Promise<void> {
  core = await startCoreWithPool(cloud, {
    ISARTOR__ROUTER_BACKEND: backend,
    ISARTOR__VLLM_URL: pool.url,
    ISARTOR__VLLM_MODEL: 'small',
    ISARTOR__LAYER2__DECIDE: 'probe',
    ISARTOR__LAYER2__RECORD_SHARE: '1',
  });
  started.push(() => core.stop());
}

describe('whom it may answer', () => {
  beforeEach(() => start('vllm', { ISARTOR__LAYER2__REPLACES: 'gpt-4o-mini' }));

  it.each<[string, JsonObject, string]>([
    ['no model', { messages: [{ role: 'user', content: 'x' }] }, 'l2'],
    ['isartor/auto', auto('x'), 'l2'],
    ['the replaced gpt-4o-mini', chatRequest('x'), 'l2'],
    ['gpt-4o', chatRequest('x', { model: 'gpt-4o' }), 'l3'],
    ['the small model by its own name', chatRequest('x', { model: 'small' }), 'l3'],
  ])('a request for %s', async (_, body, layer) => {
    const response = await core.post(CHAT, body);
    expect(layerOf(response)).toBe(layer);
    expect(routeOf(response)).toBe(layer === 'l2' ? 'l2;p=1.00' : 'would-l2;p=1.00');
    expect(pool.chats()).toHaveLength(layer === 'l2' ? 1 : 0);
  });

  it('the native surface, which says that layer 2 spoke, and 1 the next time', async () => {
    const first: unknown = await (await core.post('/api/chat', nativeRequest('hi'))).json();
    const second: unknown = await (await core.post('/api/chat', nativeRequest('hi'))).json();
    expect(first).toEqual({ layer: 2, message: 'Small answer to: hi', model: 'small' });
    expect(second).toEqual({ layer: 1, message: 'Small answer to: hi', model: 'small' });
    const named = await core.post('/api/chat', nativeRequest('hi', { model: 'gpt-4o' }));
    expect(await named.json()).toMatchObject({ layer: 3, model: 'gpt-4o' });
  });

  it('nobody by its own name, which is not in the list of models either', async () => {
    cloud.respondWith(() => ({ kind: 'json', status: 404, body: { error: { message: 'no such model' } } }));
    expect((await core.post(CHAT, chatRequest('x', { model: 'small' }))).status).toBe(404);
    cloud.respondWith(wellBehaved);
    expect((await core.get('/v1/models/small')).status).toBe(404);
    const list = JSON.stringify(await (await core.get('/v1/models')).json());
    expect(list).toContain('"isartor/auto"');
    expect(list).not.toContain('"small"');
  });

  it('no other operation', async () => {
    expect(layerOf(await core.post('/v1/completions', completionRequest('x')))).toBe('l3');
    expect(pool.chats()).toHaveLength(0);
  });

  it.each<[string, JsonObject]>([
    ['tools', auto('x', { tools: [{ type: 'function', function: { name: 'f', parameters: {} } }] })],
    ['response-format', auto('x', { response_format: { type: 'json_object' } })],
    ['n', auto('x', { n: 2 })],
    ['logprobs', auto('x', { logprobs: true })],
    ['context', auto('x'.repeat(5 * 4096))],
    ['long', auto('x'.repeat(1_100_000))],
  ])('nobody whose request it cannot honour: %s', async (why, body) => {
    const response = await core.post(CHAT, body);
    expect([layerOf(response), routeOf(response)]).toEqual(['l3', `l3;why=${why}`]);
    expect(pool.chats()).toHaveLength(0);
  });

  it('nobody who bypasses it, also from the cache', async () => {
    expect(layerOf(await core.post(CHAT, auto('same')))).toBe('l2');
    const response = await core.post(CHAT, auto('same'), { [HEADER.bypass]: 'l2' });
    expect([layerOf(response), routeOf(response)]).toEqual(['l3', 'l3;why=bypassed']);
    expect(response.headers.get(HEADER.cache)).toMatch(/^miss/);
  });

  it('gets the conversation and the parameters as the caller sent them', async () => {
    const turns = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: 'Two.' },
      { role: 'user', content: 'Three?' },
    ];
    await core.post(CHAT, auto('x', { messages: turns, temperature: 0, seed: 7, max_tokens: 50 }));
    expect(pool.chats()).toEqual([{ model: 'small', messages: turns, temperature: 0, seed: 7, max_tokens: 50 }]);
  });
});

describe('the route table', () => {
  const rows = [
    { tenant: 'nobody', decide: 'l2' },
    { header: 'X-Team=legal', decide: 'l3' },
    { model: 'gpt-4o', decide: 'l2' },
    { model: 'isartor/auto', decide: 'classifier', threshold: 0.5 },
  ];
  beforeEach(() =>
    start('vllm', {
      ISARTOR__LAYER2__DECIDE: 'never',
      ISARTOR__LAYER2__REPLACES: 'gpt-4o-mini',
      ISARTOR__LAYER2__ROUTES: JSON.stringify(rows),
    }),
  );

  it('says who decides: a header, a model, or nobody in particular', async () => {
    const legal = await core.post(CHAT, auto('What is a cat?'), { 'x-team': 'legal' });
    expect([layerOf(legal), routeOf(legal)]).toEqual(['l3', 'l3;p=0.00']);
    const easy = await core.post(CHAT, auto('Which animal says meow?'));
    expect(layerOf(easy)).toBe('l2');
    expect(routeOf(easy)).toMatch(/^l2;p=0\.[5-9]\d$/);
    const usual = await core.post(CHAT, chatRequest('What is a dog?', { model: 'gpt-4o-mini' }));
    expect([layerOf(usual), routeOf(usual)]).toEqual(['l3', 'l3;p=0.00']);
  });

  it('lets nobody answer for a model that is not replaced', async () => {
    const response = await core.post(CHAT, chatRequest('What is a cow?', { model: 'gpt-4o' }));
    expect([layerOf(response), routeOf(response)]).toEqual(['l3', 'would-l2;p=1.00']);
  });

  it('leaves to the cloud what the classifier was not trained on', async () => {
    const response = await core.post(CHAT, auto('哪颗行星被称为红色星球？'));
    expect([layerOf(response), routeOf(response)]).toEqual(['l3', 'l3;why=undecided']);
  });
});

describe('the gate', () => {
  beforeEach(() => start());

  it.each<[string, JsonObject]>([
    ['gate-refusal', chatBody("I'm sorry, but I can't help with that.")],
    ['gate-empty', chatBody('  ')],
    ['gate-length', chatBody(LONG, { choices: [choice(LONG, 'length')] })],
    ['gate-finish', chatBody(LONG, { choices: [choice(LONG, 'content_filter')] })],
  ])('sends a plain answer on: %s', async (why, body) => {
    answerWith(jsonAnswer(body));
    const response = await core.post(CHAT, auto('x'));
    expect([layerOf(response), routeOf(response)]).toEqual(['l3', `l3;p=1.00;why=${why}`]);
    expect(await response.text()).toContain('Answer to: x');
  });

  it.each<[string, readonly string[]]>([
    ['gate-refusal', [piece('I am'), piece(' sorry, I cannot'), piece(' do that. '.repeat(20))]],
    ['gate-empty', [piece(''), piece('', 'stop')]],
    ['gate-length', [piece('Short'), piece('', 'length')]],
  ])('sends a stream on of which nothing was passed on yet: %s', async (why, steps) => {
    answerWith({ kind: 'stream', steps: [...steps, '[DONE]'] });
    const response = await core.post(CHAT, auto('x', { stream: true }));
    expect([layerOf(response), routeOf(response)]).toEqual(['l3', `l3;p=1.00;why=${why}`]);
  });

  it('calls the refused stream off at the pool', async () => {
    answerWith({ kind: 'stream', steps: [piece("I'm sorry, but I can't do that."), { wait: NEVER }] });
    expect(layerOf(await core.post(CHAT, auto('x', { stream: true })))).toBe('l3');
    const chat = pool.upstream.requests.find(({ path }) => path === CHAT);
    await chat?.aborted;
  });

  it('lets a stream through from its first event, as soon as there is enough of it', async () => {
    answerWith({ kind: 'stream', steps: [piece('The '), piece(LONG), { wait: NEVER }] });
    const response = await core.post(CHAT, auto('x', { stream: true }));
    expect(layerOf(response)).toBe('l2');
    const reader = response.body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toContain('"The "');
    await reader?.cancel();
  });

  it('holds a slow stream back for a second and no longer', async () => {
    answerWith({ kind: 'stream', steps: [piece('Slow'), { wait: NEVER }] });
    const before = performance.now();
    const response = await core.post(CHAT, auto('x', { stream: true }));
    expect(layerOf(response)).toBe('l2');
    expect(performance.now() - before).toBeGreaterThan(900);
    await response.body?.cancel();
  });

  it('never asks a second model once the stream has begun', async () => {
    answerWith({ kind: 'stream', steps: [piece(LONG), piece(LONG)], end: 'cut' });
    const response = await core.post(CHAT, auto('x', { stream: true }));
    expect(layerOf(response)).toBe('l2');
    expect(await response.text()).toContain('stream_interrupted');
    expect(cloud.requests).toHaveLength(0);
    // What broke off is not kept.
    answerWith({ kind: 'json', body: chatBody(LONG) });
    expect(layerOf(await core.post(CHAT, auto('x')))).toBe('l2');
  });
});

describe('a pool that is not well', () => {
  it('has a share of the request’s time and no more', async () => {
    await start('vllm', { ISARTOR__CLOCKS__PLAIN_SECS: '2', ISARTOR__LAYER2__DEADLINE_SHARE: '0.25' });
    answerWith({ kind: 'stall' });
    const before = performance.now();
    const response = await core.post(CHAT, auto('x'));
    const took = performance.now() - before;
    expect([layerOf(response), routeOf(response)]).toEqual(['l3', 'l3;p=1.00;why=slow']);
    expect(took).toBeGreaterThan(480);
    expect(took).toBeLessThan(900);
  });

  it('takes its share from the time of the cloud', async () => {
    await start('vllm', { ISARTOR__CLOCKS__PLAIN_SECS: '1', ISARTOR__LAYER2__DEADLINE_SHARE: '0.5' });
    answerWith({ kind: 'stall' });
    cloud.respondWith({ kind: 'stall' });
    const before = performance.now();
    const response = await core.post(CHAT, auto('x'));
    expect(response.status).toBe(504);
    expect(performance.now() - before).toBeLessThan(1_400);
  });

  it('is passed over at once while it is down, and used again when it is back', async () => {
    await start();
    await pool.upstream.refuseConnections();
    for (let i = 0; i < 5; i++) expect(layerOf(await core.post(CHAT, auto(`down ${i}`)))).toBe('l3');
    await untilPool(core, 'down');
    const response = await core.post(CHAT, auto('still down'));
    expect([layerOf(response), routeOf(response)]).toEqual(['l3', 'l3;why=down']);
    await pool.upstream.acceptConnections();
    await untilPool(core, 'up');
    expect(layerOf(await core.post(CHAT, auto('back')))).toBe('l2');
  });

  it('is not asked while it loads', async () => {
    await start('llamacpp');
    pool.behaviour.loading = true;
    await untilPool(core, 'down');
    const response = await core.post(CHAT, auto('x'));
    expect([layerOf(response), routeOf(response)]).toEqual(['l3', 'l3;why=loading']);
    pool.behaviour.loading = false;
    await untilPool(core, 'up');
    expect(layerOf(await core.post(CHAT, auto('y')))).toBe('l2');
  });

  it('has its breaker opened by three failures in a row', async () => {
    await start();
    answerWith({ kind: 'json', status: 500, body: {} });
    for (let i = 0; i < 3; i++) await core.post(CHAT, auto(`x${i}`));
    const response = await core.post(CHAT, auto('x'));
    expect(routeOf(response)).toBe('l3;why=open');
    expect(pool.chats()).toHaveLength(3);
  });

  it('keeps what it is asked to within bounds', async () => {
    await start('vllm', { ISARTOR__LAYER2__MAX_OUTSTANDING: '1' });
    const gate = Promise.withResolvers<void>();
    pool.behaviour.answer = async (_, asked) => {
      await gate.promise;
      return jsonAnswer(chatBody(LONG, { model: asked['model'] ?? null }));
    };
    const first = core.post(CHAT, auto('first'));
    await expect.poll(() => pool.chats().length).toBe(1);
    const second = await core.post(CHAT, auto('second'));
    expect([layerOf(second), routeOf(second)]).toEqual(['l3', 'l3;why=busy']);
    gate.resolve();
    expect(layerOf(await first)).toBe('l2');
  });

  it('hears of a client that leaves', async () => {
    await start();
    answerWith({ kind: 'stall' });
    const client = new AbortController();
    const call = fetch(`${core.origin}${CHAT}`, {
      method: 'POST',
      headers: { authorization: 'Bearer test-key', 'content-type': 'application/json' },
      body: JSON.stringify(auto('x')),
      signal: client.signal,
    });
    await expect.poll(() => pool.chats().length).toBe(1);
    client.abort();
    await expect(call).rejects.toThrow(/abort/);
    await pool.upstream.requests.find(({ path }) => path === CHAT)?.aborted;
    expect(cloud.requests).toHaveLength(0);
  });
});

it('decides about requests for other models without making them wait, and notes it if it is in time', async () => {
  pool = await fakePool('vllm', { probability: 0.7 });
  started.push(() => pool.upstream.close());
  await startWithProbe('vllm');
  cloud.respondWith(async (request) => {
    await expect.poll(() => pool.probes().length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return wellBehaved(request);
  });
  const response = await core.post(CHAT, chatRequest('x', { model: 'gpt-4o' }));
  expect([layerOf(response), routeOf(response)]).toEqual(['l3', 'would-l2;p=0.70']);
});

it('answers nobody of a tenant that has it switched off, and is used again when it is on', async () => {
  await start('vllm', { ISARTOR__ADMIN_KEY: 'admin-key-of-sufficient-length' });
  expect(layerOf(await core.post(CHAT, auto('before')))).toBe('l2');
  const admin = { authorization: 'Bearer admin-key-of-sufficient-length' };
  const switched = await core.post('/api/v1/cache/off', { tenant: 'default', layer: 'l2' }, admin);
  expect(switched.status).toBe(200);
  for (const headers of [{}, { 'cache-control': 'no-store' }]) {
    const response = await core.post(CHAT, auto('before'), headers);
    expect([layerOf(response), routeOf(response)]).toEqual(['l3', 'l3;why=off']);
  }
  await core.post('/api/v1/cache/on', { tenant: 'default', layer: 'l2' }, admin);
  expect(layerOf(await core.post(CHAT, auto('after')))).toBe('l2');
});

it('is not asked either what it would decide about requests of a tenant that has it switched off', async () => {
  pool = await fakePool('vllm');
  started.push(() => pool.upstream.close());
  core = await startCoreWithPool(cloud, {
    ISARTOR__ROUTER_BACKEND: 'vllm',
    ISARTOR__VLLM_URL: pool.url,
    ISARTOR__VLLM_MODEL: 'small',
    ISARTOR__LAYER2__DECIDE: 'probe',
    ISARTOR__LAYER2__RECORD_SHARE: '1',
    ISARTOR__ADMIN_KEY: 'admin-key-of-sufficient-length',
  });
  started.push(() => core.stop());
  const admin = { authorization: 'Bearer admin-key-of-sufficient-length' };
  const switched = (to: string) => core.post(`/api/v1/cache/${to}`, { tenant: 'default', layer: 'l2' }, admin);
  expect((await switched('off')).status).toBe(200);
  await core.post(CHAT, chatRequest('while it is off', { model: 'gpt-4o' }));
  expect((await switched('on')).status).toBe(200);
  await core.post(CHAT, chatRequest('while it is on', { model: 'gpt-4o' }));
  await expect.poll(() => pool.probes().length).toBe(1);
  expect(JSON.stringify(pool.probes())).toContain('while it is on');
});

it('costs nothing where there is none: no header, no check, no time', async () => {
  core = await startCore(cloud.url);
  started.push(() => core.stop());
  const response = await core.post(CHAT, auto('x'));
  expect(routeOf(response)).toBeNull();
  expect(response.headers.get('server-timing')).not.toContain('l2');
  expect(await (await core.get('/readyz')).text()).not.toContain('small_model');
});

function choice(content: string, finish: string): JsonObject {
  return { index: 0, message: { role: 'assistant', content }, finish_reason: finish };
}
