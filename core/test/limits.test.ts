import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { HEADER } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InflightBudget } from '../src/inflight/inflight-budget.ts';
import { startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';

let upstream: FakeUpstream;
let core: RunningCore;

beforeEach(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});

afterEach(async () => {
  await core.stop();
  await upstream.close();
});

/** A request written by hand: what a well-behaved client cannot be made to send. */
async function raw(head: readonly string[], body = ''): Promise<{ socket: Socket; reply: Promise<string> }> {
  const { hostname, port } = new URL(core.origin);
  const socket = createConnection({ host: hostname, port: Number(port) });
  const chunks: string[] = [];
  socket.on('error', () => undefined).on('data', (chunk) => chunks.push(chunk.toString()));
  const reply = new Promise<string>((resolve) => socket.once('close', () => resolve(chunks.join(''))));
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(
    `${[`POST ${CHAT} HTTP/1.1`, `host: x`, `authorization: Bearer ${TEST_KEY}`, ...head].join('\r\n')}\r\n\r\n${body}`,
  );
  return { socket, reply };
}

/** A call that the stalling upstream never answers, until its client leaves. */
function hold(): { leave(): Promise<unknown> } {
  const client = new AbortController();
  const call = fetch(`${core.origin}${CHAT}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(chatRequest('held')),
    signal: client.signal,
  }).catch(() => undefined);
  return {
    leave: () => {
      client.abort();
      return call;
    },
  };
}

describe('a request body', () => {
  it('over the limit is 413, declared or not', async () => {
    core = await startCore(upstream.url, { ISARTOR__LIMITS__BODY_BYTES: '1000' });
    const declared = await core.post(CHAT, chatRequest('x'.repeat(2_000)));
    expect(declared.status).toBe(413);
    expect(await declared.json()).toMatchObject({ error: { code: 'body_too_large' } });
    const chunked = await raw(
      ['content-type: application/json', 'transfer-encoding: chunked'],
      `7d0\r\n${'x'.repeat(2_000)}\r\n`,
    );
    expect(await chunked.reply).toMatch(/^HTTP\/1\.1 413 /);
    expect(upstream.requests).toHaveLength(0);
  });

  it('that is refused unread leaves its sender the answer, on a connection that is to be closed too', async () => {
    core = await startCore(upstream.url);
    const sendUnknown = async (): Promise<string> => {
      const head = ['connection: close', 'content-type: application/json', 'content-length: 8000000'];
      const { socket, reply } = await raw([...head, 'x-api-key: other']);
      let broken: string | undefined;
      socket.on('error', (error) => (broken = error.message)).write('x'.repeat(8_000_000));
      const [status] = (await reply).split('\r\n');
      return broken ?? status ?? '';
    };
    const seen = await Promise.all(Array.from({ length: 8 }, sendUnknown));
    expect(new Set(seen)).toEqual(new Set(['HTTP/1.1 401 Unauthorized']));
  });

  it('that is refused waits for nobody: not for clients that left in the middle, not for some that send nothing', async () => {
    core = await startCore(upstream.url);
    const long = ['content-type: application/json', 'content-length: 1000000'];
    const left = await Promise.all(Array.from({ length: 5 }, () => raw(long, 'xx')));
    await vi.waitFor(() => expect(core.inFlight()).toBe(5));
    for (const { socket } of left) socket.destroy();
    await vi.waitFor(() => expect(core.inFlight()).toBe(0));
    const silent = await Promise.all(Array.from({ length: 5 }, () => raw([...long, 'x-api-key: other'])));
    const wrong = ['content-type: application/json', 'content-length: 1000', 'x-api-key: other'];
    const { socket, reply } = await raw(wrong, 'x'.repeat(1000));
    socket.write(
      `POST ${CHAT} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${wrong.join('\r\n')}\r\n\r\n${'x'.repeat(1000)}`,
    );
    expect((await reply).match(/HTTP\/1\.1 401/g)).toHaveLength(2);
    for (const one of silent) one.socket.destroy();
  });

  it('that trickles in is 408', async () => {
    core = await startCore(upstream.url, { ISARTOR__LIMITS__BODY_SECS: '0.3' });
    const { reply } = await raw(['content-type: application/json', 'content-length: 1000'], '{');
    const text = await reply;
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('request_timeout');
    expect(text.toLowerCase()).toContain('connection: close');
  });

  it('that stops with its client is forgotten', async () => {
    core = await startCore(upstream.url, { ISARTOR__MAX_INFLIGHT_REQUESTS: '1' });
    const { socket, reply } = await raw(['content-type: application/json', 'content-length: 1000'], '{');
    socket.destroy();
    await reply;
    // The core learns of it when the socket tells; until then the one place is taken.
    await vi.waitFor(async () => expect((await core.post(CHAT, chatRequest('after'))).status).toBe(200));
  });

  it.each([
    ['not JSON', '{"a":', 'invalid_json'],
    ['a name twice', '{"model":"a","model":"b","messages":[]}', 'unsafe_json'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'unsafe_json'],
    ['an array', '[]', 'invalid_request'],
    ['nothing', '', 'invalid_json'],
    ['too deep', `{"messages":${'['.repeat(70)}${']'.repeat(70)}}`, 'unsafe_json'],
  ])('that is %s is 400', async (_what, body, code) => {
    core = await startCore(upstream.url);
    const response = await core.post(CHAT, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code } });
  });
});

describe('a request head', () => {
  it('over its limit is 431', async () => {
    core = await startCore(upstream.url, { ISARTOR__LIMITS__HEADER_BYTES: '8192' });
    const { reply } = await raw([`x-long: ${'x'.repeat(10_000)}`]);
    const text = await reply;
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).toContain('headers_too_large');
  });

  it('that does not arrive in time is 408', async () => {
    core = await startCore(upstream.url, { ISARTOR__LIMITS__HEADER_SECS: '1' });
    const { hostname, port } = new URL(core.origin);
    const socket = createConnection({ host: hostname, port: Number(port) });
    const reply = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
    socket.write(`POST ${CHAT} HTTP/1.1\r\nhost: x\r\n`);
    expect(await reply).toMatch(/^HTTP\/1\.1 408 /);
    socket.destroy();
  });

  it('that is no HTTP is 400', async () => {
    core = await startCore(upstream.url);
    const { reply } = await raw(['no colon here']);
    expect(await reply).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('what is in flight', () => {
  it('is bounded in requests: one more is 503 with Retry-After, and asks the edge to try another core', async () => {
    core = await startCore(upstream.url, { ISARTOR__MAX_INFLIGHT_REQUESTS: '1' });
    upstream.respondWith({ kind: 'stall' });
    const held = hold();
    await upstream.request(1);
    const refused = await core.post(CHAT, chatRequest('refused'));
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.get(HEADER.error)).toBe('overloaded');
    expect((await fetch(`${core.origin}/healthz`)).status).toBe(200);
    await held.leave();
  });

  it('charges a body that came before its provider is asked, so that no answer is lost that was paid for', async () => {
    core = await startCore(upstream.url, { ISARTOR__MAX_INFLIGHT_BYTES: '200000' });
    const body = chatRequest('x'.repeat(20_000));
    expect((await core.post(CHAT, body)).status).toBe(200);
    const gate = Promise.withResolvers<void>();
    upstream.respondWith(async (request) => {
      await gate.promise;
      return wellBehaved(request);
    });
    const again = core.post(CHAT, body, { 'cache-control': 'no-cache' });
    await upstream.request(2);
    const long = ['content-type: application/json', 'content-length: 150000'];
    const { socket } = await raw(long, 'x'.repeat(140_000));
    // The upload is in, or was refused for what the body had been charged by then.
    const isIn = vi.waitFor(() => expect(core.app.get(InflightBudget).bytesInFlight).toBeGreaterThan(150_000));
    await Promise.race([isIn, once(socket, 'data')]);
    isIn.catch(() => undefined);
    gate.resolve();
    expect((await again).status).toBe(200);
    socket.destroy();
  });

  it('is bounded in bytes, but for a request that is alone', async () => {
    core = await startCore(upstream.url, { ISARTOR__MAX_INFLIGHT_BYTES: '100000' });
    const long = chatRequest('x'.repeat(200_000));
    expect((await core.post(CHAT, long)).status).toBe(200);
    upstream.respondWith({ kind: 'stall' });
    const held = hold();
    await upstream.request(2);
    expect((await core.post(CHAT, long)).status).toBe(503);
    await held.leave();
  });
});

describe('CORS', () => {
  it('is off by default', async () => {
    core = await startCore(upstream.url);
    const response = await fetch(`${core.origin}${CHAT}`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example' },
    });
    expect(response.status).toBe(405);
    expect(response.headers.has('access-control-allow-origin')).toBe(false);
  });

  it('answers the preflight and marks answers, errors too, for the configured origins alone', async () => {
    core = await startCore(upstream.url, { ISARTOR__CORS_ORIGINS: 'https://app.example' });
    const preflight = await fetch(`${core.origin}${CHAT}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://app.example');
    const answer = await core.post(CHAT, chatRequest('x'), { origin: 'https://app.example' });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example');
    const refused = await core.post(CHAT, chatRequest('x'), {
      origin: 'https://app.example',
      authorization: 'Bearer no',
    });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://app.example');
    const stranger = await core.post(CHAT, chatRequest('x'), { origin: 'https://evil.example' });
    expect(stranger.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
  });
});
