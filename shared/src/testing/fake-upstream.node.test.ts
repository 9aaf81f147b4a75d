import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorAnswer, wellBehaved } from './answers.ts';
import type { FakeAnswer } from './fake-answer.ts';
import { fakeUpstream, refusingUrl, type FakeUpstream } from './fake-upstream.ts';
import { chatRequest, completionRequest, embeddingRequest } from './requests.ts';
import type { JsonObject } from '../json/json-value.ts';

let upstream: FakeUpstream;
beforeEach(async () => {
  upstream = await fakeUpstream();
});
afterEach(async () => {
  await upstream.close().catch(() => undefined);
});

function post(path: string, body: JsonObject, signal?: AbortSignal): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'x-seen': 'yes' };
  return fetch(`${upstream.url}${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
}

/** Reads the next chunk as text; '' at the end. */
async function next(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const { value } = await reader.read();
  return new TextDecoder().decode(value);
}

function readerOf(response: Response): ReadableStreamDefaultReader<Uint8Array> {
  if (response.body === null) throw new Error('no body');
  return response.body.getReader();
}

describe('the fake upstream', () => {
  test('records what it was asked, to the byte', async () => {
    upstream.respondWith({ kind: 'json', body: { ok: true } });
    const response = await post('/chat/completions?api-version=1', chatRequest('Grüezi'));
    expect(await response.json()).toEqual({ ok: true });
    const [request] = upstream.requests;
    expect(request).toMatchObject({
      method: 'POST',
      url: '/v1/chat/completions?api-version=1',
      path: '/v1/chat/completions',
    });
    expect(request?.headers['x-seen']).toBe('yes');
    expect(new TextDecoder().decode(request?.body)).toBe(JSON.stringify(chatRequest('Grüezi')));
    expect(request?.json()).toEqual(chatRequest('Grüezi'));
  });

  test('a request that nothing is programmed for fails, and so does the end of the test', async () => {
    const response = await post('/chat/completions', chatRequest());
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('nothing is programmed for POST /v1/chat/completions');
    await expect(upstream.close()).rejects.toThrow('nothing is programmed');
  });

  test.each<[string, JsonObject, JsonObject]>([
    [
      '/chat/completions',
      chatRequest('Hi'),
      { object: 'chat.completion', choices: [{ message: { content: 'Answer to: Hi' } }] },
    ],
    ['/completions', completionRequest('Hi'), { object: 'text_completion' }],
    ['/embeddings', embeddingRequest(['a', 'b']), { data: [{ index: 0 }, { index: 1 }] }],
  ])('well-behaved, it answers %s', async (path, body, expected) => {
    upstream.respondWith(wellBehaved);
    expect(await (await post(path, body)).json()).toMatchObject(expected);
  });

  test('well-behaved, it lists models and streams where it is asked to', async () => {
    upstream.respondWith(wellBehaved);
    expect(await (await fetch(`${upstream.url}/models`)).json()).toMatchObject({ object: 'list' });
    const response = await post('/chat/completions', chatRequest('Hi', { stream: true }));
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toMatch(/"content":"Answer to: Hi"[\s\S]*data: \[DONE\]\n\n$/);
  });

  test('a stream goes on only when the test lets it', async () => {
    const gate = Promise.withResolvers<void>();
    upstream.respondWith({ kind: 'stream', steps: ['1', { wait: gate.promise }, { raw: 'data: 2\n' }, { raw: '\n' }] });
    const reader = readerOf(await post('/chat/completions', chatRequest()));
    expect(await next(reader)).toBe('data: 1\n\n');
    const rest = next(reader);
    gate.resolve();
    expect(await rest).toMatch(/^data: 2\n/);
  });

  test('headers of a stream are out before its first step', async () => {
    upstream.respondWith({ kind: 'stream', steps: [{ wait: new Promise(() => undefined) }] });
    expect((await post('/chat/completions', chatRequest())).status).toBe(200);
  });

  test('a stream may be cut in the middle', async () => {
    upstream.respondWith({ kind: 'stream', steps: ['1'], end: 'cut' });
    const reader = readerOf(await post('/chat/completions', chatRequest()));
    expect(await next(reader)).toBe('data: 1\n\n');
    await expect(next(reader)).rejects.toThrow('terminated');
  });

  test.each<[string, FakeAnswer]>([
    ['refuses', { kind: 'refuse' }],
    ['sends headers without end', { kind: 'endless-header' }],
  ])('it %s: the call fails', async (_what, answer) => {
    upstream.respondWith(answer);
    await expect(post('/chat/completions', chatRequest())).rejects.toThrow('fetch failed');
  });

  test('a body without end goes on as long as one reads', async () => {
    upstream.respondWith({ kind: 'endless-body' });
    const reader = readerOf(await post('/chat/completions', chatRequest()));
    let bytes = 0;
    while (bytes < 1_000_000) bytes += (await reader.read()).value?.length ?? Number.NaN;
    await reader.cancel();
    await upstream.requests[0]?.aborted;
  });

  test.each<[string, FakeAnswer]>([
    ['says nothing', { kind: 'stall' }],
    ['stalls in the middle', { kind: 'stream', steps: ['1', { wait: new Promise(() => undefined) }] }],
  ])('it %s: it learns that the caller left', async (_what, answer) => {
    upstream.respondWith(answer);
    const caller = new AbortController();
    const call = post('/chat/completions', chatRequest(), caller.signal).then((response) => response.text());
    const request = await upstream.request(1);
    caller.abort();
    await expect(call).rejects.toThrow('aborted');
    await request.aborted;
  });

  test('errors are data: 429 with Retry-After, 500, JSON that is broken, 200 with an error inside', async () => {
    const answers: FakeAnswer[] = [
      errorAnswer(429, 'Slow down.', { 'retry-after': '7' }),
      errorAnswer(500, 'Oh.'),
      { kind: 'text', body: '{"choices":[' },
      { kind: 'json', body: { error: { message: 'quota' } } },
    ];
    upstream.respondWith(() => answers.shift());
    const limited = await post('/chat/completions', chatRequest());
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await post('/chat/completions', chatRequest())).status).toBe(500);
    await expect((await post('/chat/completions', chatRequest())).json()).rejects.toThrow(SyntaxError);
    expect(await (await post('/chat/completions', chatRequest())).json()).toEqual({ error: { message: 'quota' } });
  });

  test('it refuses connections for a while, and listens again where it did', async () => {
    upstream.respondWith({ kind: 'json', body: { ok: true } });
    await upstream.refuseConnections();
    const refused = post('/chat/completions', chatRequest());
    await expect(refused).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    await upstream.acceptConnections();
    expect(await (await post('/chat/completions', chatRequest())).json()).toEqual({ ok: true });
  });

  test('where nothing listens, connections are refused', async () => {
    await expect(fetch(`${await refusingUrl()}/models`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});
