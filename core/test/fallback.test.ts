import { HEADER } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  nativeRequest,
  wellBehaved,
  type FakeAnswer,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layerOf, startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';

let first: FakeUpstream;
let second: FakeUpstream;
let core: RunningCore;

/** A core with two providers that waits for nothing before it asks again. */
function startChain(env: Readonly<Record<string, string>> = {}): Promise<RunningCore> {
  const providers = [
    { name: 'primary', url: first.url, key: 'sk-primary', model: 'model-a' },
    { name: 'standby', url: second.url, key: 'sk-standby', model: 'model-b' },
  ];
  return startCore(first.url, {
    ISARTOR__L3__PROVIDERS: JSON.stringify(providers),
    ISARTOR__L3__RETRY__BASE_WAIT_MS: '0',
    ISARTOR__METRICS_PORT: '0',
    ...env,
  });
}

beforeEach(async () => {
  [first, second] = await Promise.all([fakeUpstream(), fakeUpstream({ respond: wellBehaved })]);
  core = await startChain();
});

afterEach(async () => {
  await core.stop();
  await Promise.all([first.close(), second.close()]);
});

const ERROR_INSIDE = jsonAnswer({ error: { message: 'overloaded' } });

/** What the first provider does, and how often it is asked before the second is. */
const FAULTS: readonly (readonly [fault: string, answer: FakeAnswer, calls: number])[] = [
  ['resets the connection', { kind: 'refuse' }, 2],
  ['never ends its header', { kind: 'endless-header' }, 2],
  ['says 429', errorAnswer(429, 'slow down', { 'retry-after': '0' }), 2],
  ['says 429 and a time too long', errorAnswer(429, 'slow down', { 'retry-after': '60' }), 1],
  ['says 500', errorAnswer(500, 'broken'), 2],
  ['says 200 with an error inside', ERROR_INSIDE, 2],
  ['refuses our key', errorAnswer(401, 'bad key'), 1],
  ['redirects', { kind: 'json', status: 302, headers: { location: 'http://elsewhere.example/' }, body: {} }, 1],
];

const STREAM_FAULTS: typeof FAULTS = [
  ['cuts the stream before its first event', { kind: 'stream', steps: [{ raw: 'data: {' }], end: 'cut' }, 2],
  ['begins the stream with an error', { kind: 'stream', steps: ['{"error":{"message":"overloaded"}}'] }, 2],
];

describe.each([
  ['plain', false, FAULTS],
  ['streamed', true, [...FAULTS, ...STREAM_FAULTS]],
] as const)('a %s request that the first provider fails', (_form, stream, rows) => {
  it.each(rows)(
    'because it %s is answered by the second, under its name and by its model',
    async (_f, answer, calls) => {
      first.respondWith(answer);
      const response = await core.post(CHAT, chatRequest('q', { stream, model: 'model-a' }));
      expect(response.status).toBe(200);
      expect(response.headers.get(HEADER.provider)).toBe('standby');
      expect(response.headers.get(HEADER.model)).toBe('model-b');
      expect(await response.text()).toContain('Answer to: q');
      expect([first.requests.length, second.requests.length]).toEqual([calls, 1]);
      expect(second.requests[0]?.headers['authorization']).toBe('Bearer sk-standby');
      expect(second.requests[0]?.json()).toMatchObject({ model: 'model-b' });
      const again = await core.post(CHAT, chatRequest('q', { stream, model: 'model-a' }));
      expect(layerOf(again)).toBe('l1a');
      expect(again.headers.get(HEADER.provider)).toBe('standby');
    },
  );
});

describe('after the first event', () => {
  it('there is an error event and never a second model', async () => {
    const token = JSON.stringify({ choices: [{ index: 0, delta: { content: 'token' } }] });
    first.respondWith({ kind: 'stream', steps: [token, { raw: 'data: {"half' }], end: 'cut' });
    const response = await core.post(CHAT, chatRequest('q', { stream: true }));
    expect(response.headers.get(HEADER.provider)).toBe('primary');
    const events = (await response.text()).split('\n\n').filter((event) => event !== '');
    expect(events).toEqual([`data: ${token}`, expect.stringMatching(/^data: \{"error":/)]);
    expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
  });
});

describe('what is the caller’s fault', () => {
  it.each([400, 404, 422])('a %d, is told at once in the first provider’s words', async (status) => {
    first.respondWith(errorAnswer(status, 'as it put it'));
    const response = await core.post(CHAT, chatRequest('q'));
    expect(response.status).toBe(status);
    expect(await response.text()).toContain('as it put it');
    expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
  });
});

describe('when every provider fails', () => {
  it('the last one’s answer is kept, with its Retry-After', async () => {
    first.respondWith(errorAnswer(500, 'first'));
    second.respondWith(errorAnswer(429, 'second', { 'retry-after': '60' }));
    const response = await core.post(CHAT, chatRequest('q'));
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('60');
    expect(response.headers.get(HEADER.provider)).toBe('standby');
    expect(response.headers.get(HEADER.error)).toBe('upstream');
    expect(await response.text()).toContain('second');
  });

  it.each([false, true])('an error inside a 200 is 502 in its words, and not stored (streamed: %s)', async (stream) => {
    first.respondWith(ERROR_INSIDE);
    second.respondWith(ERROR_INSIDE);
    for (const calls of [2, 4]) {
      const response = await core.post(CHAT, chatRequest('q', { stream }));
      expect(response.status).toBe(502);
      expect(await response.json()).toMatchObject({ error: { code: 'upstream_error', message: 'overloaded' } });
      expect([first.requests.length, second.requests.length]).toEqual([calls, calls]);
    }
  });

  it('the native surface says so in its own form', async () => {
    first.respondWith(errorAnswer(401, 'sk-primary is no good'));
    second.respondWith(ERROR_INSIDE);
    const response = await core.post('/api/chat', nativeRequest('q'));
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ error: 'upstream_error', message: 'overloaded' });
  });
});

describe('broken JSON', () => {
  it('is passed on as it is, asked for once, and not stored', async () => {
    first.respondWith({ kind: 'text', body: '{"choices":[' });
    for (const calls of [1, 2]) {
      const response = await core.post(CHAT, chatRequest('q'));
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('{"choices":[');
      expect(first.requests).toHaveLength(calls);
    }
  });
});

describe('time', () => {
  it('for the first byte is one for all providers: past it 504', async () => {
    const hasty = await startChain({ ISARTOR__CLOCKS__FIRST_BYTE_SECS: '0.1' });
    first.respondWith({ kind: 'stall' });
    const response = await hasty.post(CHAT, chatRequest('q', { stream: true }));
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_timeout' } });
    expect(second.requests).toHaveLength(0);
    await hasty.stop();
  });

  it('between two bytes is bounded too: past it the error event', async () => {
    const hasty = await startChain({ ISARTOR__CLOCKS__BETWEEN_BYTES_SECS: '0.1' });
    first.respondWith({ kind: 'stream', steps: ['{"choices":[]}', { wait: new Promise(() => undefined) }] });
    const text = await (await hasty.post(CHAT, chatRequest('q', { stream: true }))).text();
    expect(text).toContain('"code":"upstream_timeout"');
    await hasty.stop();
  });
});

describe('a client that leaves', () => {
  it.each([false, true])('aborts the call, and nobody else is asked (streamed: %s)', async (stream) => {
    first.respondWith({ kind: 'stall' });
    const client = new AbortController();
    const asked = fetch(`${core.origin}${CHAT}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(chatRequest('q', { stream })),
      signal: client.signal,
    }).catch(() => 'left');
    const seen = await first.request(1);
    client.abort();
    await seen.aborted;
    expect(await asked).toBe('left');
    expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
  });
});

describe('a single provider', () => {
  it('is asked once more, and its second answer counts', async () => {
    const single = await startCore(first.url, { ISARTOR__L3__RETRY__BASE_WAIT_MS: '0', ISARTOR__METRICS_PORT: '0' });
    first.respondWith(() => (first.requests.length === 1 ? errorAnswer(503, 'x') : jsonAnswer(chatBody('second try'))));
    const response = await single.post(CHAT, chatRequest('q'));
    expect(response.headers.get(HEADER.provider)).toBe('openai');
    expect(await response.text()).toContain('second try');
    await single.stop();
  });
});
