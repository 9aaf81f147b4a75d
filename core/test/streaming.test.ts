import { HEADER } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  chatStream,
  fakeUpstream,
  refusingUrl,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layerOf, startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const STREAM = chatRequest('stream', { stream: true });

let upstream: FakeUpstream;
let core: RunningCore;

beforeEach(async () => {
  upstream = await fakeUpstream();
  core = await startCore(upstream.url);
});

afterEach(async () => {
  await core.stop();
  await upstream.close();
});

/** One chunk of a chat stream. */
function chunk(content: string): string {
  return JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] });
}

describe('a stream', () => {
  it('goes out event by event, each as soon as its blank line is in', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    upstream.respondWith({
      kind: 'stream',
      steps: [
        chunk('one'),
        { wait: gates[0].promise },
        { raw: `data: ${chunk('two')}` },
        { wait: gates[1].promise },
        { raw: '\n\n' },
        '[DONE]',
      ],
    });
    const response = await core.post(CHAT, STREAM);
    const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe(`data: ${chunk('one')}\n\n`);
    const second = reader.read();
    gates[0].resolve();
    // Half an event is in: nothing may go out before its blank line.
    const early = await Promise.race([
      second,
      new Promise((resolve) => setImmediate(() => setImmediate(resolve, 'nothing'))),
    ]);
    expect(early).toBe('nothing');
    gates[1].resolve();
    expect((await second).value).toContain(`data: ${chunk('two')}\n\n`);
    await reader.cancel();
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  });

  it('that breaks ends with an error event, without its unfinished last event, and is not stored', async () => {
    upstream.respondWith({ kind: 'stream', steps: [chunk('one'), { raw: 'data: {"half' }], end: 'cut' });
    const text = await (await core.post(CHAT, STREAM)).text();
    const events = text.split('\n\n').filter((event) => event !== '');
    expect(events).toHaveLength(2);
    expect(events[0]).toBe(`data: ${chunk('one')}`);
    expect(events[1]).toMatch(/^data: \{"error":\{"message":/);
    upstream.respondWith(chatStream(chatBody('whole')));
    expect(layerOf(await core.post(CHAT, STREAM))).toBe('l3');
  });

  it('that ends inside an event ends with an error event too', async () => {
    upstream.respondWith({ kind: 'stream', steps: [chunk('one'), { raw: 'data: {"half' }] });
    const text = await (await core.post(CHAT, STREAM)).text();
    expect(text).toContain('"code":"stream_interrupted"');
    expect(text).not.toContain('half');
  });

  it('without its terminal marker is passed on and not stored', async () => {
    upstream.respondWith({ kind: 'stream', steps: [chunk('one')] });
    expect(await (await core.post(CHAT, STREAM)).text()).toBe(`data: ${chunk('one')}\n\n`);
    expect(layerOf(await core.post(CHAT, STREAM))).toBe('l3');
  });

  it('without usage is stored as a stream, and serves streams only', async () => {
    const { usage, ...body } = chatBody('no usage');
    expect(usage).toBeDefined();
    upstream.respondWith(chatStream(body));
    await (await core.post(CHAT, STREAM)).text();
    const streamed = await core.post(CHAT, STREAM);
    expect(layerOf(streamed)).toBe('l1a');
    expect(await streamed.text()).toContain('no usage');
    const plain = await core.post(CHAT, chatRequest('stream'));
    expect(layerOf(plain)).toBe('l3');
    expect(plain.headers.get(HEADER.cache)).toBe('miss;why=stream-only');
  });

  it('is aborted upstream when the client leaves it', async () => {
    upstream.respondWith({ kind: 'stream', steps: [chunk('one'), { wait: new Promise(() => undefined) }] });
    const client = new AbortController();
    const response = await fetch(`${core.origin}${CHAT}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(STREAM),
      signal: client.signal,
    });
    await response.body?.getReader().read();
    client.abort();
    await (
      await upstream.request(1)
    ).aborted;
  });

  it('is read from the provider no faster than the client reads it', async () => {
    let produced = 0;
    const event = chunk('x'.repeat(16_384));
    async function* endless() {
      for (;;) {
        produced += event.length;
        yield event;
      }
    }
    upstream.respondWith({ kind: 'stream', steps: endless() });
    const { body } = await request(`${core.origin}${CHAT}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(STREAM),
    });
    body.on('error', () => undefined);
    // Nobody reads: what the provider could produce settles at what the sockets in between hold.
    let before = -1;
    while (produced !== before) {
      before = produced;
      for (let turn = 0; turn < 2_000; turn += 1) await new Promise(setImmediate);
    }
    expect(produced).toBeLessThan(32 * 1024 * 1024);
    const settled = produced;
    let read = 0;
    for await (const part of body) {
      read += part instanceof Uint8Array ? part.byteLength : 0;
      if (read > settled * 2) break;
    }
    expect(produced).toBeGreaterThan(settled);
    await (
      await upstream.request(1)
    ).aborted;
  });
});

describe('a plain call', () => {
  it('is aborted upstream when the client leaves it', async () => {
    upstream.respondWith({ kind: 'stall' });
    const client = new AbortController();
    const call = fetch(`${core.origin}${CHAT}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(chatRequest('plain')),
      signal: client.signal,
    }).catch(() => 'left');
    const seen = await upstream.request(1);
    client.abort();
    await seen.aborted;
    expect(await call).toBe('left');
  });

  it('whose connection is reset is 502, without the address', async () => {
    upstream.respondWith({ kind: 'refuse' });
    const response = await core.post(CHAT, chatRequest('plain'));
    expect(response.status).toBe(502);
    const text = await response.text();
    expect(text).toContain('upstream_unreachable');
    expect(text).not.toMatch(/127\.0\.0\.1|ECONN/);
    expect(response.headers.get(HEADER.error)).toBe('upstream');
  });

  it('to a provider that nobody listens for is 502 at once', async () => {
    const lonely = await startCore(await refusingUrl());
    const response = await lonely.post(CHAT, chatRequest('plain'));
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain('127.0.0.1');
    await lonely.stop();
  });

  it('whose answer does not begin in time is 504', async () => {
    const hasty = await startCore(upstream.url, { ISARTOR__CLOCKS__PLAIN_SECS: '0.2' });
    upstream.respondWith({ kind: 'stall' });
    const response = await hasty.post(CHAT, chatRequest('plain'));
    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_timeout' } });
    await hasty.stop();
  });

  it('whose answer’s head never ends is an error, not a memory leak', async () => {
    upstream.respondWith({ kind: 'endless-header' });
    expect((await core.post(CHAT, chatRequest('plain'))).status).toBe(502);
  });
});
