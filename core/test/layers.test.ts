import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { HEADER } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  completionRequest,
  embeddingRequest,
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  nativeRequest,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layerOf, startCore, TEST_EDGE_SECRET, TEST_KEY, type RunningCore } from './support/start-core.ts';

let upstream: FakeUpstream;
let core: RunningCore;

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
  core = await startCore(upstream.url);
});

afterEach(async () => {
  await core.stop();
  await upstream.close();
});

const CHAT = '/v1/chat/completions';

describe('the exits of the core', () => {
  it('refuses at L0 who has no key, before the body is read', async () => {
    const response = await core.post(CHAT, '{"this is": not even JSON', { authorization: 'Bearer wrong' });
    expect(response.status).toBe(401);
    expect(layerOf(response)).toBe('l0');
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
    expect(upstream.requests).toHaveLength(0);
  });

  it.each([
    ['/v1/models', 200],
    ['/healthz', 200],
    ['/v1/nothing', 404],
  ])('takes a target that names scheme and authority too: %s', async (path, status) => {
    const { hostname, port } = new URL(core.origin);
    const headers = { authorization: `Bearer ${TEST_KEY}` };
    const call = request({ hostname, port, path: `http://isartor.example:8080${path}`, headers }).end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(status);
  });

  it('answers from L3 first and from L1a the second time, byte for byte', async () => {
    const first = await core.post(CHAT, chatRequest('hello'));
    const firstText = await first.text();
    const second = await core.post(CHAT, chatRequest('hello'));
    expect([layerOf(first), layerOf(second)]).toEqual(['l3', 'l1a']);
    expect(await second.text()).toBe(firstText);
    expect(first.headers.get(HEADER.deflected)).toBe('false');
    expect(second.headers.get(HEADER.deflected)).toBe('true');
    expect(second.headers.get(HEADER.cache)).toBe('hit');
    expect(second.headers.get('age')).toBe('0');
    expect(second.headers.get(HEADER.entry)).toMatch(/^[0-9a-f]{64}$/);
    expect(second.headers.get(HEADER.model)).toBe('gpt-4o-mini');
    expect(second.headers.get(HEADER.cost)).toMatch(/^0;saved=0\.0+\d+$/);
    expect(upstream.requests).toHaveLength(1);
  });

  it.each([
    ['/v1/chat/completions', chatRequest('x')],
    ['/v1/completions', completionRequest('x')],
    ['/v1/embeddings', embeddingRequest('x')],
    ['/api/chat', nativeRequest('x')],
    ['/api/v1/chat', nativeRequest('y')],
  ])('caches %s', async (path, body) => {
    const layers = [layerOf(await core.post(path, body)), layerOf(await core.post(path, body))];
    expect(layers).toEqual(['l3', 'l1a']);
  });

  it('says in a native answer which layer spoke: 3 from the cloud, 1 from the cache', async () => {
    const first: unknown = await (await core.post('/api/chat', nativeRequest('hi'))).json();
    const second: unknown = await (await core.post('/api/v1/chat', nativeRequest('hi'))).json();
    expect(first).toEqual({ layer: 3, message: 'Answer to: hi', model: 'gpt-4o-mini' });
    expect(second).toEqual({ layer: 1, message: 'Answer to: hi', model: 'gpt-4o-mini' });
  });

  it('tells a native caller of a refusal in the native form', async () => {
    upstream.respondWith(errorAnswer(400, 'max_tokens is too large'));
    const response = await core.post('/api/chat', nativeRequest('hi'));
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: 'upstream_error', message: 'max_tokens is too large' });
  });

  it('does not store a native answer that was cut off', async () => {
    const choice = { index: 0, message: { role: 'assistant', content: 'half' }, finish_reason: 'length' };
    upstream.respondWith(jsonAnswer(chatBody('', { choices: [choice] })));
    await core.post('/api/chat', nativeRequest('hi'));
    expect(layerOf(await core.post('/api/chat', nativeRequest('hi')))).toBe('l3');
  });

  it('shares one entry between streamed and plain requests, both ways', async () => {
    await core.post(CHAT, chatRequest('a'));
    const streamed = await core.post(CHAT, chatRequest('a', { stream: true }));
    expect(layerOf(streamed)).toBe('l1a');
    expect(await streamed.text()).toMatch(/data: .*Answer to: a[\s\S]*data: \[DONE\]\n\n$/);

    const fresh = await core.post(CHAT, chatRequest('b', { stream: true }));
    expect(layerOf(fresh)).toBe('l3');
    await fresh.text();
    const plain = await core.post(CHAT, chatRequest('b'));
    expect(layerOf(plain)).toBe('l1a');
    expect(await plain.json()).toMatchObject({ choices: [{ message: { content: 'Answer to: b' } }], usage: {} });
  });

  it('hides the usage chunk it asked for from a client that did not, and shows it to one that did', async () => {
    const hidden = await (await core.post(CHAT, chatRequest('u', { stream: true }))).text();
    expect(hidden).not.toContain('"prompt_tokens"');
    const asked = chatRequest('u', { stream: true, stream_options: { include_usage: true } });
    const shown = await core.post(CHAT, asked);
    expect(layerOf(shown)).toBe('l1a');
    expect(await shown.text()).toContain('"prompt_tokens":9');
  });

  it('gives the edge the metadata of what it stored, and nobody else', async () => {
    const edge = { [HEADER.edgeAuth]: TEST_EDGE_SECRET };
    const fresh = await core.post(CHAT, chatRequest('s'), edge);
    const hit = await core.post(CHAT, chatRequest('s'), edge);
    expect(fresh.headers.get(HEADER.stored)).not.toBeNull();
    expect(hit.headers.get(HEADER.stored)).toBe(fresh.headers.get(HEADER.stored));
    const digests = [fresh, hit].map(({ headers }) => headers.get(HEADER.storedDigest));
    expect(digests).toEqual([hit.headers.get(HEADER.entry), hit.headers.get(HEADER.entry)]);
    const client = await core.post(CHAT, chatRequest('s'));
    expect([HEADER.stored, HEADER.storedDigest].map((name) => client.headers.get(name))).toEqual([null, null]);
    const wrong = await core.post(CHAT, chatRequest('s'), { [HEADER.edgeAuth]: 'guessed' });
    expect(wrong.headers.get(HEADER.stored)).toBeNull();
    const native = await core.post('/api/chat', nativeRequest('s'), edge);
    expect(native.headers.get(HEADER.stored)).toBeNull();
  });

  it('gives a request without a model, or with isartor/auto, the configured one', async () => {
    await core.post(CHAT, { messages: [{ role: 'user', content: 'none' }] });
    await core.post(CHAT, chatRequest('auto', { model: 'isartor/auto', stream: true }));
    expect(upstream.requests.map((request) => request.json())).toMatchObject([
      { model: 'gpt-4o-mini' },
      { model: 'gpt-4o-mini', stream: true, stream_options: { include_usage: true } },
    ]);
  });

  it('lists the models that are reachable, and finds one by a name with a slash', async () => {
    const list: unknown = await (await core.get('/v1/models')).json();
    expect(list).toMatchObject({ object: 'list', data: [{ id: 'gpt-4o-mini' }, { id: 'isartor/auto' }] });
    expect(await (await core.get('/v1/models/isartor%2Fauto')).json()).toMatchObject({ id: 'isartor/auto' });
    expect(await (await core.get('/v1/models/isartor/auto')).json()).toMatchObject({ id: 'isartor/auto' });
    const missing = await core.get('/v1/models/nope');
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ error: { code: 'model_not_found', param: 'model' } });
  });

  it('is live and ready without a key', async () => {
    expect(await (await fetch(`${core.origin}/healthz`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${core.origin}/readyz`)).json()).toMatchObject({ status: 'ready' });
  });

  it.each([
    ['GET', '/nope', 404, 'not_found'],
    ['GET', '/v1/chat/completions', 405, 'method_not_allowed'],
    ['POST', '/v1/models', 405, 'method_not_allowed'],
    ['OPTIONS', '/v1/chat/completions', 405, 'method_not_allowed'],
  ])('answers %s %s with %d', async (method, path, status, code) => {
    const response = await fetch(`${core.origin}${path}`, { method });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
    expect(response.headers.has('allow')).toBe(status === 405);
  });

  it.each([
    ['text/plain', 'x'],
    ['application/json; charset=latin1', '{}'],
  ])('refuses the content type %s', async (contentType, body) => {
    expect((await core.post(CHAT, body, { 'content-type': contentType })).status).toBe(415);
  });

  it('names the field that does not fit', async () => {
    const response = await core.post(CHAT, { model: 'm', messages: [{ content: 'no role' }] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request', param: 'messages[0].role' } });
  });

  it('keeps the request id of the caller from end to end, and makes one where it is no good', async () => {
    const kept = await core.post(CHAT, chatRequest('id'), { 'x-request-id': 'my-id.1' });
    expect(kept.headers.get('x-request-id')).toBe('my-id.1');
    expect(upstream.requests[0]?.headers['x-request-id']).toBe('my-id.1');
    const made = await core.post(CHAT, chatRequest('id'), { 'x-request-id': 'not ok!' });
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('tells in server-timing what each layer took, in the order in which they were asked', async () => {
    const response = await core.post(CHAT, chatRequest('t'));
    expect(response.headers.get('server-timing')).toMatch(
      /^l0;dur=[\d.]+, l1a;dur=[\d.]+, l1b;dur=[\d.]+, l3;dur=[\d.]+$/,
    );
  });
});

describe('what a request may say about caching', () => {
  const twice = async (headers: Record<string, string>) => {
    await core.post(CHAT, chatRequest('c'));
    return core.post(CHAT, chatRequest('c'), headers);
  };

  it.each([
    [{ 'cache-control': 'no-cache' }, 'bypass;why=no-cache'],
    [{ 'cache-control': 'no-store' }, 'bypass;why=no-store'],
    [{ [HEADER.bypass]: 'l1a' }, 'bypass;why=bypassed'],
    [{ [HEADER.cacheTtl]: '0' }, 'miss;why=ttl'],
    [{ [HEADER.sessionId]: 'other' }, 'miss;why=absent'],
  ])('%j', async (headers, cache) => {
    const response = await twice(headers);
    expect(layerOf(response)).toBe('l3');
    expect(response.headers.get(HEADER.cache)).toBe(cache);
  });

  it('no-cache stores what it fetched, no-store does not', async () => {
    await core.post(CHAT, chatRequest('n'), { 'cache-control': 'no-store' });
    expect(layerOf(await core.post(CHAT, chatRequest('n'), { 'cache-control': 'no-cache' }))).toBe('l3');
    expect(layerOf(await core.post(CHAT, chatRequest('n')))).toBe('l1a');
  });

  it('does not cache what must not be cached, and says by which rule', async () => {
    const body = chatRequest('stored', { store: true });
    await core.post(CHAT, body);
    const again = await core.post(CHAT, body);
    expect(layerOf(again)).toBe('l3');
    expect(again.headers.get(HEADER.cache)).toBe('bypass;why=store');
  });

  it('one body sent to every operation shares no entry', async () => {
    const body = { model: 'm', messages: [{ role: 'user', content: 'x' }], prompt: 'x', input: 'x' };
    const { messages, ...native } = body;
    expect(messages).toHaveLength(1);
    const layers = [
      layerOf(await core.post(CHAT, body)),
      layerOf(await core.post('/v1/completions', body)),
      layerOf(await core.post('/v1/embeddings', body)),
      layerOf(await core.post('/api/chat', native)),
    ];
    expect(layers).toEqual(['l3', 'l3', 'l3', 'l3']);
  });
});

describe('what reaches the provider', () => {
  it('is the body as it was sent, byte for byte, and the allowed headers with the provider’s own credentials', async () => {
    const body = '{ "model":"gpt-4o-mini",\n"messages":[{"role":"user","content":"caf\\u00e9 é"}] , "x_unknown": 1.0}';
    await core.post(CHAT, body, {
      'user-agent': 'sdk/1',
      'x-stainless-lang': 'js',
      'openai-beta': 'a',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      cookie: 'secret=1',
      'x-forwarded-for': '10.0.0.1',
      'x-custom': 'no',
      [HEADER.edgeAuth]: TEST_EDGE_SECRET,
    });
    const [request] = upstream.requests;
    expect(Buffer.from(request?.body ?? []).toString()).toBe(body);
    const { host, connection, 'content-length': length, 'x-request-id': id, ...headers } = request?.headers ?? {};
    expect([host, connection, length, id].every((value) => value !== undefined)).toBe(true);
    expect(headers).toEqual({
      accept: 'application/json',
      'accept-encoding': 'identity',
      authorization: 'Bearer sk-upstream',
      'content-type': 'application/json',
      'openai-beta': 'a',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'user-agent': 'sdk/1',
      'x-stainless-lang': 'js',
    });
  });

  it('is the allowed query alone', async () => {
    await core.post(`${CHAT}?api-version=2024-10-21`, chatRequest('q'));
    expect(upstream.requests[0]?.url).toBe('/v1/chat/completions?api-version=2024-10-21');
    const refused = await core.post(`${CHAT}?admin=true`, chatRequest('q'));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { code: 'invalid_query', message: expect.stringContaining('"admin"') },
    });
  });

  it('is a long body too, edited only where it must be', async () => {
    const messages = [
      { role: 'system', content: 'x'.repeat(1_500_000) },
      { role: 'user', content: 'short' },
    ];
    const response = await core.post(CHAT, { model: 'm', messages, stream: true, stream_options: {} });
    expect(layerOf(response)).toBe('l3');
    expect(upstream.requests[0]?.json()).toEqual({
      model: 'm',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(await response.text()).not.toContain('prompt_tokens');
    expect(layerOf(await core.post(CHAT, { model: 'm', messages }))).toBe('l1a');
  });
});

describe('what comes back', () => {
  // One call each: what is tried again, and when, is shown in fallback.test.ts.
  beforeEach(async () => {
    await core.stop();
    core = await startCore(upstream.url, { ISARTOR__L3__RETRY__MAX_CALLS: '1' });
  });

  it('is the provider’s status and body, and of its headers only the harmless ones', async () => {
    upstream.respondWith({
      kind: 'json',
      status: 429,
      headers: {
        'retry-after': '7',
        'set-cookie': 'a=b',
        location: '/x',
        'x-accel-redirect': '/etc',
        'access-control-allow-origin': '*',
        'x-isartor-layer': 'l1a',
        'x-request-id': 'req_1',
      },
      body: { error: { message: 'slow down', type: 'rate_limit', param: null, code: 'rate_limit_exceeded' } },
    });
    const response = await core.post(CHAT, chatRequest('r'));
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
    expect(response.headers.get('retry-after')).toBe('7');
    expect(response.headers.get(HEADER.upstreamRequestId)).toBe('req_1');
    expect(layerOf(response)).toBe('l3');
    for (const name of ['set-cookie', 'location', 'x-accel-redirect', 'access-control-allow-origin']) {
      expect(response.headers.has(name), name).toBe(false);
    }
  });

  it.each([401, 402, 403, 407, 301, 302, 307])('is 502 in our own words when the provider says %d', async (status) => {
    upstream.respondWith({
      kind: 'json',
      status,
      headers: { location: 'http://internal.example/' },
      body: { error: { message: 'key sk-upstream is no good' } },
    });
    const response = await core.post(CHAT, chatRequest('r'));
    expect(response.status).toBe(502);
    const text = await response.text();
    expect(text).toContain('upstream_refused_us');
    expect(text).not.toContain('sk-upstream');
    expect(response.headers.get(HEADER.error)).toBe('upstream');
  });

  it.each([400, 404, 409, 422, 500, 503])('keeps the status %d and the body', async (status) => {
    upstream.respondWith(errorAnswer(status, 'as the provider put it'));
    const response = await core.post(CHAT, chatRequest('r'));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { message: 'as the provider put it' } });
    expect(response.headers.get(HEADER.error)).toBe('upstream');
  });

  it('is passed on, and never stored, when its stream turns into a refusal', async () => {
    const piece = (delta: object, finish: string | null = null): string =>
      JSON.stringify({
        id: 'c',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'm',
        choices: [{ index: 0, delta, finish_reason: finish }],
      });
    const spoken = piece({ role: 'assistant', content: 'Well,' });
    const refused = [spoken, piece({ refusal: 'no.' }), piece({}, 'stop'), '[DONE]'];
    const body = chatRequest('refused', { stream: true });
    upstream.respondWith({ kind: 'stream', steps: refused });
    for (let call = 1; call <= 2; call += 1) {
      const response = await core.post(CHAT, body);
      expect(await response.text()).toContain('"refusal":"no."');
      expect(layerOf(response)).toBe('l3');
    }
    upstream.respondWith({ kind: 'stream', steps: [spoken, piece({}, 'stop'), '[DONE]'] });
    await (await core.post(CHAT, body)).text();
    expect(layerOf(await core.post(CHAT, body))).toBe('l1a');
  });

  it('is an error, and never stored, when it is 200 with an error inside', async () => {
    upstream.respondWith(jsonAnswer({ error: { message: 'overloaded' } }));
    const first = await core.post(CHAT, chatRequest('e'));
    expect(first.status).toBe(502);
    expect(await first.json()).toMatchObject({ error: { code: 'upstream_error' } });
    expect(layerOf(await core.post(CHAT, chatRequest('e')))).toBe('l3');
  });

  it('is passed on as it arrives when it is too long to hold', async () => {
    const vectors = Array.from({ length: 200 }, (_, index) => ({ index, embedding: 'A'.repeat(8_192) }));
    upstream.respondWith(jsonAnswer({ object: 'list', data: vectors }));
    const body = embeddingRequest(vectors.map((_, index) => `text ${index}`));
    const response = await core.post('/v1/embeddings', body);
    expect(await response.json()).toEqual({ object: 'list', data: vectors });
    expect(layerOf(await core.post('/v1/embeddings', body))).toBe('l3');
  });
});
