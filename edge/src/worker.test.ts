import { isJsonObject, parseJson } from '@isartor/shared';
import { chatBody, chatRequest } from '@isartor/shared/testing';
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { describe, expect, test } from 'vitest';
import { CoreProgram } from './testing/core-program.ts';
import { EdgeUnderTest } from './testing/edge-under-test.ts';
import { digestOf, storedAnswer, storedMeta } from './testing/stored.ts';
import worker from './worker.ts';

const ASKED = chatRequest('What is the password of prompt-secret?');
const ORIGIN = { origin: 'https://app.test' };

test('the Worker itself reads its settings from its bindings and serves', async () => {
  const core = await CoreProgram.on('coreA', { chunks: ['"from the core"'] });
  const context = createExecutionContext();
  const request = new Request('https://edge.test/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer isolate-key', 'content-type': 'application/json', ...core.headers },
    body: JSON.stringify(ASKED),
  });
  const response = await worker.fetch(request, {}, context);
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('"from the core"');
  await waitOnExecutionContext(context);
});

describe('health', () => {
  test('healthz answers without a key and without touching the core', async () => {
    const answer = await new EdgeUnderTest({ ISARTOR__CORE_URL: 'http://127.0.0.1:9' }).ask({ path: '/healthz' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('readyz tells of each dependency and never fails', async () => {
    const upstash = { UPSTASH_REDIS_REST_URL: 'http://127.0.0.1:9', UPSTASH_REDIS_REST_TOKEN: 't' };
    const edge = new EdgeUnderTest({ ISARTOR__CORE_URL: 'http://127.0.0.1:9', ...upstash });
    const ready = async (): Promise<unknown> => {
      const answer = await edge.ask({ path: '/readyz', headers: { authorization: '' } });
      expect(answer.status).toBe(200);
      return JSON.parse(answer.text);
    };
    expect(await ready()).toEqual({
      status: 'ready',
      dependencies: {
        redis: { state: 'unused', breaker: 'closed' },
        core: { state: 'unused', cores: ['unused'] },
      },
    });
    const since = new Date(edge.now).toISOString();
    for (let count = 0; count < 3; count += 1) await edge.ask({ body: ASKED });
    expect(await ready()).toEqual({
      status: 'ready',
      dependencies: {
        redis: { state: 'failing', breaker: 'open', since },
        core: { state: 'failing', cores: ['failing'] },
      },
    });
  });

  test('HEAD is GET without a body', async () => {
    const answer = await new EdgeUnderTest().ask({ method: 'HEAD', path: '/healthz' });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});

describe('routes', () => {
  test.each([
    ['GET', '/', 404, { error: { code: 'not_found' } }],
    ['POST', '/v1/unheard-of', 404, { error: { code: 'not_found' } }],
    ['POST', '/api/unheard-of', 404, { error: 'not_found' }],
    ['GET', '/v1/chat/completions', 405, { error: { code: 'method_not_allowed' } }],
    ['OPTIONS', '/v1/chat/completions', 405, { error: { code: 'method_not_allowed' } }],
    ['DELETE', '/api/chat', 405, { error: 'method_not_allowed' }],
    ['GET', '/v1/models/m:streamGenerateContent', 405, [{ error: { code: 405 } }]],
    ['GET', '/v1/models/m:streamGenerateContent?alt=sse', 405, { error: { code: 405 } }],
  ])('%s %s is %i', async (method, path, status, body) => {
    const answer = await new EdgeUnderTest().ask({ method, path });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject(body);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(answer.headers.get('allow')).toBe(status === 405 ? 'POST' : null);
    expect(answer.headers.has('x-request-id')).toBe(true);
  });

  test('a wrong method for models names GET', async () => {
    expect((await new EdgeUnderTest().ask({ method: 'POST', path: '/v1/models' })).headers.get('allow')).toBe(
      'GET, HEAD',
    );
  });
});

describe('CORS', () => {
  test('is off by default', async () => {
    const answer = await new EdgeUnderTest().ask({ path: '/healthz', headers: ORIGIN });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  test('answers the preflight of an allowed origin without a key', async () => {
    const edge = new EdgeUnderTest({ ISARTOR__CORS_ORIGINS: 'https://app.test,https://b.test' });
    const asked = { ...ORIGIN, authorization: '', 'access-control-request-headers': 'authorization' };
    const answer = await edge.ask({ method: 'OPTIONS', path: '/v1/chat/completions', headers: asked });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.test');
    expect(answer.headers.get('access-control-allow-headers')).toBe('authorization');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('lets an allowed origin read answers, errors too, and our headers', async () => {
    const edge = new EdgeUnderTest({ ISARTOR__CORS_ORIGINS: 'https://app.test' });
    const core = await CoreProgram.on('coreA', { chunks: ['{}'], headers: { 'access-control-allow-origin': '*' } });
    const answer = await edge.ask({ headers: { ...ORIGIN, ...core.headers }, body: ASKED });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.test');
    const exposed = answer.headers.get('access-control-expose-headers') ?? '';
    expect(exposed).toContain('x-isartor-layer');
    expect(exposed).not.toContain('x-isartor-stored');
    const refused = await edge.ask({ headers: { ...ORIGIN, authorization: '' }, body: ASKED });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://app.test');
  });

  test('does not let another origin in', async () => {
    const edge = new EdgeUnderTest({ ISARTOR__CORS_ORIGINS: 'https://app.test' });
    const answer = await edge.ask({ path: '/healthz', headers: { origin: 'https://evil.test' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the request log', () => {
  test('has one versioned line a request, with what was saved', async () => {
    const edge = new EdgeUnderTest();
    const core = await CoreProgram.on(
      'coreA',
      storedAnswer(storedMeta(edge.now), chatBody('answer-secret'), digestOf(ASKED)),
    );
    const headers = { ...core.headers, 'x-request-id': 'r1' };
    await edge.ask({ headers, body: ASKED });
    expect(edge.lastRecord()).toEqual({
      v: 1,
      kind: 'isartor.request',
      requestId: 'r1',
      path: '/v1/chat/completions',
      operation: 'openai.chat',
      status: 200,
      layer: 'l3',
      edge: 'miss',
      cache: 'miss;why=absent',
      ms: 0,
      model: 'gpt-4o-mini',
      provider: 'openai',
      usage: { input: 1000, output: 1000 },
      savedUsd: 0,
    });
    await edge.ask({ headers, body: ASKED });
    const usage = { input: 1000, output: 1000 };
    expect(edge.lastRecord()).toMatchObject({ layer: 'l1a', edge: 'hit', cache: 'hit', usage, savedUsd: 0.00075 });
    expect(edge.log).toHaveLength(2);
  });

  test('has a line of audit for each refusal, and none for what the core refused or nobody did', async () => {
    const edge = new EdgeUnderTest();
    const headers = { authorization: 'Bearer planted-key', 'x-request-id': 'r2' };
    expect((await edge.ask({ headers, body: ASKED })).status).toBe(401);
    const core = await CoreProgram.on('coreA', { status: 429, chunks: ['{}'] });
    expect((await edge.ask({ headers: core.headers, body: ASKED })).status).toBe(429);
    expect((await edge.ask({ path: '/v1/nothing', body: ASKED })).status).toBe(404);
    const lines = edge.log.map((line) => parseJson(line));
    expect(lines.filter((line) => isJsonObject(line) && line['audit'] === true)).toEqual([
      {
        v: 1,
        kind: 'isartor.refusal',
        audit: true,
        requestId: 'r2',
        path: '/v1/chat/completions',
        status: 401,
        code: 'invalid_api_key',
      },
    ]);
    expect(lines).toHaveLength(4);
    expect(edge.log.join()).not.toContain('planted-key');
  });

  test('counts what a hit of the core saved', async () => {
    const edge = new EdgeUnderTest();
    const headers = { 'x-isartor-layer': 'l1a', 'x-isartor-cost': '0;saved=0.000123' };
    const core = await CoreProgram.on('coreA', { headers, chunks: ['{}'] });
    await edge.ask({ headers: core.headers, body: ASKED });
    expect(edge.lastRecord()).toMatchObject({ layer: 'l1a', edge: 'miss', savedUsd: 0.000123 });
  });

  test('has no prompt, answer or key in it', async () => {
    const edge = new EdgeUnderTest();
    const core = await CoreProgram.on(
      'coreA',
      storedAnswer(storedMeta(edge.now), chatBody('answer-secret'), digestOf(ASKED)),
    );
    const headers = { ...core.headers, authorization: '' };
    await edge.ask({ path: '/v1/chat/completions?key=key-secret', headers, body: ASKED });
    await edge.ask({ headers: core.headers, body: ASKED });
    await edge.ask({ headers: core.headers, body: ASKED });
    await edge.ask({ headers: core.headers, body: '{"prompt-secret"' });
    // One for each, and one for the refusal.
    expect(edge.log).toHaveLength(5);
    expect(edge.log.join('\n')).not.toContain('secret');
  });

  test('has a line for an unforeseen fault, which the client only sees the id of', async () => {
    const edge = new EdgeUnderTest();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new RangeError('prompt-secret')),
    });
    const answer = await edge.ask({ headers: { 'x-request-id': 'r2' }, body });
    expect(answer.status).toBe(500);
    expect(answer.text).toContain('x-request-id');
    expect(edge.log).toHaveLength(2);
    expect(JSON.parse(edge.log[0] ?? '')).toMatchObject({ kind: 'isartor.error', requestId: 'r2', name: 'RangeError' });
    expect(edge.log.join('\n') + answer.text).not.toContain('secret');
  });
});
