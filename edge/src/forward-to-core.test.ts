import { chatRequest } from '@isartor/shared/testing';
import { describe, expect, inject, test, vi } from 'vitest';
import type { CoreAnswer } from '../test/support/core-answer.ts';
import { byteStream } from './read-body.ts';
import { CoreProgram } from './testing/core-program.ts';
import { EdgeUnderTest, KEY } from './testing/edge-under-test.ts';

const ASKED = chatRequest();
const MIB = 1024 * 1024;
const SPOKEN: CoreAnswer = { chunks: ['"from A"'] };
const UPSTREAM_FAULT: CoreAnswer = {
  status: 502,
  headers: { 'x-isartor-error': 'upstream' },
  chunks: ['"A: upstream"'],
};
const OVERLOADED: CoreAnswer = {
  status: 503,
  headers: { 'x-isartor-error': 'overloaded', 'retry-after': '1' },
  chunks: ['"A: overloaded"'],
};

describe('on the way to the core', () => {
  test('the request arrives as it was sent, with the edge’s secret and one request id', async () => {
    const core = await CoreProgram.on('coreA', SPOKEN);
    const edge = new EdgeUnderTest({ ISARTOR__EDGE_SECRET: 'edge-secret' });
    const body = `{ "model":"m",  "messages":[{"role":"user","content":"né 🙂"}] }`;
    const answer = await edge.ask({
      headers: {
        ...core.headers,
        traceparent: '00-abc-def-01',
        'x-request-id': 'req.1',
        'openai-organization': 'org',
        'x-isartor-volatile': 'true',
      },
      body,
    });
    const [seen] = await core.seen();
    expect(seen).toMatchObject({ method: 'POST', url: '/v1/chat/completions', body });
    expect(seen?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
      traceparent: '00-abc-def-01',
      'openai-organization': 'org',
      'x-isartor-volatile': 'true',
      'x-request-id': 'req.1',
      'x-isartor-edge-auth': 'edge-secret',
    });
    expect(answer.headers.get('x-request-id')).toBe('req.1');
  });

  test('a request id that is not safe is replaced', async () => {
    const core = await CoreProgram.on('coreA', SPOKEN);
    const answer = await new EdgeUnderTest().ask({ headers: { ...core.headers, 'x-request-id': 'a b' }, body: ASKED });
    const id = answer.headers.get('x-request-id');
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect((await core.seen())[0]?.headers['x-request-id']).toBe(id);
  });

  test.each([
    ['x-isartor-edge-auth', 'guessed'],
    ['x-isartor-stored', 'e30'],
    ['cf-connecting-ip', '1.2.3.4'],
    ['cf-ray', 'x'],
    ['x-forwarded-for', '1.2.3.4'],
    ['x-forwarded-host', 'evil.test'],
    ['forwarded', 'for=1.2.3.4'],
    ['x-real-ip', '1.2.3.4'],
    ['true-client-ip', '1.2.3.4'],
    ['cdn-loop', 'x'],
    ['via', '1.1 x'],
    ['te', 'trailers'],
    ['keep-alive', 'timeout=5'],
    ['proxy-authorization', 'Basic x'],
    ['upgrade', 'h2c'],
    ['x-hop', 'named by connection'],
  ])('%s of the client stays behind', async (name, value) => {
    const core = await CoreProgram.on('coreA', SPOKEN);
    const headers = { ...core.headers, [name]: value, connection: 'close, X-Hop' };
    expect((await new EdgeUnderTest().ask({ headers, body: ASKED })).status).toBe(200);
    expect((await core.seen())[0]?.headers).not.toHaveProperty(name);
  });

  test.each([
    ['openai-beta', 'assistants=v2'],
    ['anthropic-version', '2023-06-01'],
    ['anthropic-beta', 'b'],
    ['x-isartor-session-id', 's1'],
    ['x-isartor-cache-ttl', '10'],
    ['x-isartor-bypass', 'l2'],
    ['x-isartor-volatile', 'true'],
    ['cache-control', 'no-store'],
  ])('%s goes on to the core even where the client names it in connection', async (name, value) => {
    const core = await CoreProgram.on('coreA', SPOKEN);
    const headers = { ...core.headers, [name]: value, connection: `close, ${name.toUpperCase()}` };
    expect((await new EdgeUnderTest().ask({ headers, body: ASKED })).status).toBe(200);
    expect((await core.seen())[0]?.headers).toHaveProperty(name, value);
  });

  test('models are asked of the core, with path and query', async () => {
    const core = await CoreProgram.on('coreA', SPOKEN);
    const answer = await new EdgeUnderTest().ask({ path: '/v1/models/a%2Fb?x=1', headers: core.headers });
    expect(answer.text).toBe('"from A"');
    expect(answer.headers.get('x-isartor-edge')).toBe('bypass');
    expect((await core.seen())[0]).toMatchObject({ method: 'GET', url: '/v1/models/a%2Fb?x=1' });
  });
});

describe('on the way back', () => {
  test('status, body and the core’s own headers reach the client', async () => {
    const headers = {
      'x-isartor-layer': 'l3',
      'retry-after': '7',
      'x-isartor-cache': 'miss;why=absent',
    };
    const core = await CoreProgram.on('coreA', {
      status: 429,
      headers: { ...headers, 'server-timing': 'l3;dur=5' },
      chunks: ['{"error":{"message":"slow down"}}'],
    });
    const answer = await new EdgeUnderTest().ask({ headers: core.headers, body: ASKED });
    expect(answer.status).toBe(429);
    expect(answer.text).toBe('{"error":{"message":"slow down"}}');
    const { 'server-timing': timing = '', ...others } = Object.fromEntries(answer.headers);
    expect(others).toMatchObject(headers);
    expect(timing).toMatch(/^l3;dur=5, edge-l0;dur=\d+, edge-l1a;dur=\d+, edge-core;dur=\d+$/);
  });

  test.each([
    ['x-isartor-stored', 'e30'],
    ['x-isartor-stored-digest', 'a'],
    ['x-isartor-edge-auth', 'edge-secret'],
    ['set-cookie', 'a=b'],
    ['location', 'https://elsewhere.test'],
    ['access-control-allow-origin', '*'],
  ])('%s does not', async (name, value) => {
    const core = await CoreProgram.on('coreA', { headers: { [name]: value }, chunks: ['{}'] });
    const answer = await new EdgeUnderTest({ ISARTOR__EDGE_SECRET: 'edge-secret' }).ask({
      headers: core.headers,
      body: ASKED,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.has(name)).toBe(false);
    expect(JSON.stringify([...answer.headers])).not.toContain('edge-secret');
  });

  test('a stream arrives chunk by chunk', async () => {
    const core = await CoreProgram.on('coreA', {
      headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
      chunks: ['data: 1\n\n'],
      ending: 'hold',
    });
    const hangUp = new AbortController();
    const { response } = await new EdgeUnderTest().open({
      headers: core.headers,
      body: { ...ASKED, stream: true },
      signal: hangUp.signal,
    });
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const first = await byteStream(response.body)?.getReader().read();
    expect(new TextDecoder().decode(first?.value)).toBe('data: 1\n\n');
    hangUp.abort();
    await core.closed();
  });
});

describe('a client that hangs up', () => {
  test('in the middle of a stream ends the core’s request', async () => {
    const core = await CoreProgram.on('coreA', {
      headers: { 'content-type': 'text/event-stream' },
      ticks: 'data: 1\n\n',
    });
    const { response } = await new EdgeUnderTest().open({ headers: core.headers, body: { ...ASKED, stream: true } });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await core.closed();
  });

  test('before the answer ends the core’s request', async () => {
    const core = await CoreProgram.on('coreA', { instead: 'silent' });
    const hangUp = new AbortController();
    const edge = new EdgeUnderTest();
    const asking = edge.ask({ headers: core.headers, body: ASKED, signal: hangUp.signal });
    while ((await core.seen()).length === 0) await Promise.resolve();
    hangUp.abort();
    await core.closed();
    expect((await asking).status).toBe(499);
    expect(edge.lastRecord()).toMatchObject({ status: 499 });
  });
});

describe('with two cores', () => {
  const B: CoreAnswer = { chunks: ['"from B"'] };
  const INGRESS = (status: number): CoreAnswer => ({
    status,
    headers: { 'content-type': 'text/html' },
    chunks: ['<html>'],
  });

  test.each<[string, CoreAnswer, number, string]>([
    ['A answers: A', SPOKEN, 200, '"from A"'],
    ['A drops the connection: B', { instead: 'reset' }, 200, '"from B"'],
    ['A is overloaded: B', OVERLOADED, 200, '"from B"'],
    ['502 of what stands before A: B', INGRESS(502), 200, '"from B"'],
    ['503 of what stands before A: B', INGRESS(503), 200, '"from B"'],
    ['504 of what stands before A: B', INGRESS(504), 200, '"from B"'],
    ['522, Cloudflare’s word for no connection: B', INGRESS(522), 200, '"from B"'],
    ['502 of A itself, the upstream’s fault: A', UPSTREAM_FAULT, 502, '"A: upstream"'],
    ['500 of A: A', { ...UPSTREAM_FAULT, status: 500 }, 500, '"A: upstream"'],
    ['400 of A: A', { status: 400, chunks: ['"A: 400"'] }, 400, '"A: 400"'],
    ['429 of A: A', { status: 429, chunks: ['"A: 429"'] }, 429, '"A: 429"'],
  ])('%s', async (_, answerOfA, status, text) => {
    const core = await CoreProgram.on('coreA', answerOfA);
    await core.andOn('coreB', B);
    const edge = new EdgeUnderTest({ ISARTOR__CORE_URL: `${inject('coreA')},${inject('coreB')}` });
    const answer = await edge.ask({ headers: core.headers, body: ASKED });
    expect([answer.status, answer.text]).toEqual([status, text]);
    expect(await core.seen(inject('coreB'))).toHaveLength(text === '"from B"' ? 1 : 0);
  });

  test('one that cannot be connected to is passed over, then tried last for 5 s', async () => {
    const core = await CoreProgram.on('coreB', B);
    await core.andOn('coreA', SPOKEN);
    const edge = new EdgeUnderTest({
      ISARTOR__CORE_URL: `${inject('coreGone')},${inject('coreB')},${inject('coreA')}`,
    });
    for (let n = 0; n < 3; n += 1)
      expect((await edge.ask({ headers: core.headers, body: ASKED })).text).toBe('"from B"');
  });

  test('one that failed is asked first again after 5 s', async () => {
    const core = await CoreProgram.on('coreA', { instead: 'reset' }, SPOKEN);
    await core.andOn('coreB', B);
    const edge = new EdgeUnderTest({ ISARTOR__CORE_URL: `${inject('coreA')},${inject('coreB')}` });
    const text = async (): Promise<string> => (await edge.ask({ headers: core.headers, body: ASKED })).text;
    expect(await text()).toBe('"from B"');
    expect(await text()).toBe('"from B"');
    edge.now += 5_000;
    expect(await text()).toBe('"from A"');
  });

  test('one that kept silent until the clock ran out is tried last, too', async () => {
    const core = await CoreProgram.on('coreA', { instead: 'silent' });
    await core.andOn('coreB', B);
    const edge = new EdgeUnderTest({
      ISARTOR__CORE_URL: `${inject('coreA')},${inject('coreB')}`,
      ISARTOR__CLOCKS__FIRST_BYTE_SECS: '20',
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const asking = edge.ask({ headers: core.headers, body: ASKED });
      while ((await core.seen()).length === 0) await Promise.resolve();
      vi.advanceTimersByTime(25_000);
      // It may be at work: another core would be a second paid call.
      expect((await asking).status).toBe(504);
    } finally {
      vi.useRealTimers();
    }
    expect(await core.seen(inject('coreB'))).toHaveLength(0);
    expect((await edge.ask({ headers: core.headers, body: ASKED })).text).toBe('"from B"');
  });

  test('a client that leaves a silent core says nothing about it', async () => {
    const core = await CoreProgram.on('coreA', { instead: 'silent' }, SPOKEN);
    await core.andOn('coreB', B);
    const edge = new EdgeUnderTest({ ISARTOR__CORE_URL: `${inject('coreA')},${inject('coreB')}` });
    const hangUp = new AbortController();
    const asking = edge.ask({ headers: core.headers, body: ASKED, signal: hangUp.signal });
    while ((await core.seen()).length === 0) await Promise.resolve();
    hangUp.abort();
    expect((await asking).status).toBe(499);
    expect((await edge.ask({ headers: core.headers, body: ASKED })).text).toBe('"from A"');
  });

  test('all of them have one clock together', async () => {
    const core = await CoreProgram.on('coreA', { instead: 'reset' });
    await core.andOn('coreB', { instead: 'silent' });
    const edge = new EdgeUnderTest({
      ISARTOR__CORE_URL: `${inject('coreGone')},${inject('coreA')},${inject('coreB')}`,
      ISARTOR__CLOCKS__FIRST_BYTE_SECS: '20',
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const asking = edge.ask({ headers: core.headers, body: ASKED });
      while ((await core.seen(inject('coreB'))).length === 0) await Promise.resolve();
      expect(vi.getTimerCount()).toBe(1);
      vi.advanceTimersByTime(25_000);
      expect((await asking).status).toBe(504);
    } finally {
      vi.useRealTimers();
    }
  });

  test('readyz tells by position which of them fails', async () => {
    const core = await CoreProgram.on('coreB', B);
    const edge = new EdgeUnderTest({ ISARTOR__CORE_URL: `${inject('coreGone')},${inject('coreB')}` });
    await edge.ask({ headers: core.headers, body: ASKED });
    expect(JSON.parse((await edge.ask({ path: '/readyz' })).text)).toMatchObject({
      dependencies: { core: { state: 'degraded', cores: ['failing', 'ok'] } },
    });
  });

  test('both overloaded: the client hears the core’s own words', async () => {
    const core = await CoreProgram.on('coreA', OVERLOADED);
    await core.andOn('coreB', { ...OVERLOADED, chunks: ['"B: overloaded"'] });
    const edge = new EdgeUnderTest({ ISARTOR__CORE_URL: `${inject('coreA')},${inject('coreB')}` });
    const answer = await edge.ask({ headers: core.headers, body: ASKED });
    expect([answer.status, answer.text]).toEqual([503, '"B: overloaded"']);
    expect(answer.headers.get('retry-after')).toBe('1');
  });
});

describe('when no core speaks', () => {
  test.each([
    ['/v1/chat/completions', ASKED, { error: { code: 'upstream_unreachable', type: 'upstream_error' } }],
    ['/api/chat', { prompt: 'hi' }, { error: 'upstream_unreachable' }],
  ])('%s answers 502 in its dialect', async (path, body, shape) => {
    const edge = new EdgeUnderTest({ ISARTOR__CORE_URL: inject('coreGone') });
    const answer = await edge.ask({ path, body });
    expect(answer.status).toBe(502);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.get('x-isartor-edge')).toBe('miss');
    expect(JSON.parse(answer.text)).toMatchObject(shape);
    expect(answer.text).not.toContain('127.0.0.1');
  });

  test('what stands before the core is not quoted', async () => {
    const core = await CoreProgram.on('coreA', { status: 503, chunks: ['<html>ingress</html>'] });
    const answer = await new EdgeUnderTest().ask({ headers: core.headers, body: ASKED });
    expect(answer.status).toBe(502);
    expect(answer.text).not.toContain('ingress');
  });

  test('a redirect is not followed and not passed on', async () => {
    const core = await CoreProgram.on('coreA', { status: 308, headers: { location: `${inject('coreB')}/` } });
    const answer = await new EdgeUnderTest().ask({ headers: core.headers, body: ASKED });
    expect(answer.status).toBe(502);
    expect(answer.headers.has('location')).toBe(false);
    expect(answer.text).toContain('ISARTOR__CORE_URL');
  });
});

describe('a body over 1 MiB', () => {
  const LONG = JSON.stringify(chatRequest('x'.repeat(MIB)));

  function inChunks(text: string): ReadableStream<Uint8Array> {
    const bytes = new TextEncoder().encode(text);
    let at = 0;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.slice(at, at + 100_000));
        at += 100_000;
      },
    });
  }

  test.each([
    ['of known length', (): BodyInit => LONG],
    ['of unknown length', (): BodyInit => inChunks(LONG)],
  ])('%s goes on whole and unscanned', async (_, body) => {
    const core = await CoreProgram.on('coreA', SPOKEN);
    const answer = await new EdgeUnderTest().ask({ headers: core.headers, body: body() });
    expect(answer.text).toBe('"from A"');
    expect(answer.headers.get('x-isartor-edge')).toBe('bypass');
    const [seen] = await core.seen();
    expect(seen?.bodyLength).toBe(LONG.length);
    expect(seen?.body).toBe(LONG.slice(0, seen?.body.length));
  });

  test('is streamed: the core can answer before its end', async () => {
    const core = await CoreProgram.on('coreA', { ...SPOKEN, early: true });
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 100_000;
        controller.enqueue(new Uint8Array(100_000).fill(32));
      },
    });
    const { response, settle } = await new EdgeUnderTest().open({ headers: core.headers, body: endless });
    expect(await response.text()).toBe('"from A"');
    expect(sent).toBeGreaterThan(MIB);
    await settle();
  });

  test('goes to a core that is alive, since there is no second try', async () => {
    const core = await CoreProgram.on('coreB', { chunks: ['"from B"'] });
    const edge = new EdgeUnderTest({ ISARTOR__CORE_URL: `${inject('coreGone')},${inject('coreB')}` });
    expect((await edge.ask({ headers: core.headers, body: LONG })).text).toBe('"from B"');
  });

  test('is not sent twice', async () => {
    const core = await CoreProgram.on('coreA', OVERLOADED);
    await core.andOn('coreB', SPOKEN);
    const edge = new EdgeUnderTest({ ISARTOR__CORE_URL: `${inject('coreA')},${inject('coreB')}` });
    const answer = await edge.ask({ headers: core.headers, body: LONG });
    expect(answer.status).toBe(503);
    expect(await core.seen(inject('coreB'))).toHaveLength(0);
  });

  test('of exactly 1 MiB is still read', async () => {
    const core = await CoreProgram.on('coreA', SPOKEN);
    const room = MIB - JSON.stringify(chatRequest('')).length;
    const body = JSON.stringify(chatRequest('x'.repeat(room)));
    expect(body).toHaveLength(MIB);
    const answer = await new EdgeUnderTest().ask({ headers: core.headers, body });
    expect(answer.headers.get('x-isartor-edge')).toBe('miss');
  });
});

test('from the first byte on, the core keeps the time', async () => {
  const core = await CoreProgram.on('coreA', { chunks: ['data: 1\n\n'], ending: 'hold' });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { response } = await new EdgeUnderTest().open({ headers: core.headers, body: ASKED });
    expect(vi.getTimerCount()).toBe(0);
    await response.body?.cancel();
    await core.closed();
  } finally {
    vi.useRealTimers();
  }
});

test('a core that never answers is a 504 after its own clock and a little', async () => {
  const core = await CoreProgram.on('coreA', { instead: 'silent' });
  const edge = new EdgeUnderTest({ ISARTOR__CLOCKS__FIRST_BYTE_SECS: '20' });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const asking = edge.ask({ headers: core.headers, body: ASKED });
    while ((await core.seen()).length === 0) await Promise.resolve();
    vi.advanceTimersByTime(24_999);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1);
    const answer = await asking;
    expect(answer.status).toBe(504);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'upstream_timeout' } });
    await core.closed();
  } finally {
    vi.useRealTimers();
  }
});
