import { createHash } from 'node:crypto';
import { HEADER } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  chatStream,
  errorAnswer,
  fakeUpstream,
  jsonAnswer,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startCore, TEST_EDGE_SECRET, TEST_KEY, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const CROWD = 200;

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

function crowd(count: number, body = chatRequest('the same')): Promise<Response>[] {
  return Array.from({ length: count }, () => core.post(CHAT, body));
}

function piece(content: string): string {
  return JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] });
}

/** A call whose client can leave. */
function leaving(body = chatRequest('the same')): { call: Promise<Response>; leave(): void } {
  const client = new AbortController();
  const call = fetch(`${core.origin}${CHAT}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: client.signal,
  });
  return { call, leave: () => client.abort() };
}

describe('200 identical requests at once', () => {
  it('plain: one upstream call, one answer for all, the rest coalesced', async () => {
    const gate = Promise.withResolvers<void>();
    upstream.respondWith(async () => {
      await gate.promise;
      return jsonAnswer(chatBody('one answer'));
    });
    const calls = crowd(CROWD);
    await upstream.request(1);
    await vi.waitFor(() => expect(core.inFlight()).toBe(CROWD));
    gate.resolve();
    const answers = await Promise.all(calls);
    const texts = new Set(await Promise.all(answers.map((answer) => answer.text())));
    expect(texts.size).toBe(1);
    expect(upstream.requests).toHaveLength(1);
    const caches = answers.map((answer) => answer.headers.get(HEADER.cache));
    expect(caches.filter((cache) => cache === 'coalesced')).toHaveLength(CROWD - 1);
    expect(new Set(answers.map((answer) => answer.headers.get(HEADER.layer)))).toEqual(new Set(['l3']));
  });

  it('streamed: one upstream call, and everyone has the first event before the second is sent', async () => {
    const gate = Promise.withResolvers<void>();
    upstream.respondWith({ kind: 'stream', steps: [piece('one'), { wait: gate.promise }, piece('two'), '[DONE]'] });
    const answers = await Promise.all(crowd(CROWD, chatRequest('the same', { stream: true })));
    const readers = answers.map((answer) =>
      (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader(),
    );
    const firsts = await Promise.all(readers.map((reader) => reader.read()));
    expect(new Set(firsts.map(({ value }) => value))).toEqual(new Set([`data: ${piece('one')}\n\n`]));

    const late = await core.post(CHAT, chatRequest('the same', { stream: true }));
    gate.resolve();
    expect(await late.text()).toBe([piece('one'), piece('two'), '[DONE]'].map((data) => `data: ${data}\n\n`).join(''));
    const rests = await Promise.all(readers.map((reader) => reader.read()));
    expect(new Set(rests.map(({ value }) => value?.startsWith(`data: ${piece('two')}`)))).toEqual(new Set([true]));
    expect(upstream.requests).toHaveLength(1);
  });

  it('that fail get the one failure', async () => {
    const gate = Promise.withResolvers<void>();
    upstream.respondWith(async () => {
      await gate.promise;
      return errorAnswer(500, 'down');
    });
    const calls = crowd(20);
    await vi.waitFor(() => expect(core.inFlight()).toBe(20));
    const before = upstream.requests.length;
    gate.resolve();
    const statuses = await Promise.all(calls.map(async (call) => (await call).status));
    expect(new Set(statuses)).toEqual(new Set([500]));
    expect(before).toBe(1);
  });
});

describe('a flight', () => {
  it('goes on when its leader leaves, and is aborted when the last one does', async () => {
    const gate = Promise.withResolvers<void>();
    upstream.respondWith(async () => {
      await gate.promise;
      return jsonAnswer(chatBody('for who stayed'));
    });
    const leader = leaving();
    await upstream.request(1);
    const follower = leaving();
    await vi.waitFor(() => expect(core.inFlight()).toBe(2));
    leader.leave();
    await expect(leader.call).rejects.toThrow();
    await vi.waitFor(() => expect(core.inFlight()).toBe(1));
    gate.resolve();
    expect(await (await follower.call).json()).toMatchObject({ choices: [{ message: { content: 'for who stayed' } }] });
    expect(upstream.requests).toHaveLength(1);

    upstream.respondWith({ kind: 'stall' });
    const both = [leaving(chatRequest('stalls')), leaving(chatRequest('stalls'))];
    const seen = await upstream.request(2);
    await vi.waitFor(() => expect(core.inFlight()).toBe(2));
    const left = Promise.allSettled(both.map(({ call }) => call));
    for (const { leave } of both) leave();
    await seen.aborted;
    await left;
  });

  it('tells the edge of all its passengers under which key the answer is stored', async () => {
    const gate = Promise.withResolvers<void>();
    upstream.respondWith(async () => {
      await gate.promise;
      return jsonAnswer(chatBody('kept'));
    });
    const asked = chatRequest('the same');
    const edge = { [HEADER.edgeAuth]: TEST_EDGE_SECRET };
    const calls = [core.post(CHAT, asked, edge), core.post(CHAT, asked, edge)];
    await vi.waitFor(() => expect(core.inFlight()).toBe(2));
    gate.resolve();
    const told = (await Promise.all(calls)).map(({ headers }) => headers.get(HEADER.storedDigest));
    const entry = (await core.post(CHAT, asked)).headers.get(HEADER.entry);
    expect(entry).not.toBeNull();
    expect(told).toEqual([entry, entry]);
  });

  it('that streams goes on for a follower when its leader leaves in the middle', async () => {
    const gate = Promise.withResolvers<void>();
    upstream.respondWith({ kind: 'stream', steps: [piece('one'), { wait: gate.promise }, piece('two'), '[DONE]'] });
    const body = chatRequest('the same', { stream: true });
    const leader = leaving(body);
    await (await leader.call).body?.getReader().read();
    const follower = await core.post(CHAT, body);
    leader.leave();
    gate.resolve();
    expect(await follower.text()).toContain(`data: ${piece('two')}`);
    expect(upstream.requests).toHaveLength(1);
  });

  it('is not shared between streamed and plain, tenants’ scopes, or what must not be cached', async () => {
    upstream.respondWith(({ json }) => {
      const asked = json();
      const streams = typeof asked === 'object' && asked !== null && 'stream' in asked && asked['stream'] === true;
      return streams ? chatStream(chatBody('x')) : jsonAnswer(chatBody('x'));
    });
    const stored = chatRequest('the same', { store: true });
    await Promise.all([
      core.post(CHAT, chatRequest('the same')),
      core.post(CHAT, chatRequest('the same', { stream: true })),
      core.post(CHAT, chatRequest('the same'), { [HEADER.sessionId]: 'a' }),
      core.post(CHAT, stored),
      core.post(CHAT, stored),
    ]);
    expect(upstream.requests).toHaveLength(5);
  });

  it('is not shared by a key that takes exact answers alone with one that takes those of paraphrases', async () => {
    await core.stop();
    const keyOf = (name: string, cache: string) => {
      return { tenant: 'one', name, cache, sha256: createHash('sha256').update(`${cache}-key`).digest('hex') };
    };
    core = await startCore(upstream.url, {
      ISARTOR__AUTH__KEYS: JSON.stringify([keyOf('loose', 'both'), keyOf('strict', 'exact')]),
    });
    const gate = Promise.withResolvers<void>();
    upstream.respondWith(async () => {
      await gate.promise;
      return jsonAnswer(chatBody('x'));
    });
    const calls = ['both', 'exact', 'exact'].map((cache) =>
      core.post(CHAT, chatRequest('the same'), { authorization: `Bearer ${cache}-key` }),
    );
    await vi.waitFor(() => expect(core.inFlight()).toBe(3));
    gate.resolve();
    const caches = (await Promise.all(calls)).map(({ headers }) => headers.get(HEADER.cache));
    expect(caches.toSorted()).toEqual(['coalesced', 'miss;why=absent', 'miss;why=absent']);
    expect(upstream.requests).toHaveLength(2);
  });

  it('whose leader is refused passes the refusal to who sent the same, and others ask for themselves', async () => {
    const gate = Promise.withResolvers<void>();
    upstream.respondWith(async () => {
      await gate.promise;
      return errorAnswer(400, 'no');
    });
    const same = JSON.stringify(chatRequest('refused'));
    const other = same.replace('{', '{ ');
    const calls = [core.post(CHAT, same)];
    await upstream.request(1);
    calls.push(core.post(CHAT, same), core.post(CHAT, other));
    await vi.waitFor(() => expect(core.inFlight()).toBe(3));
    gate.resolve();
    const statuses = await Promise.all(calls.map(async (call) => (await call).status));
    expect(statuses).toEqual([400, 400, 400]);
    expect(upstream.requests).toHaveLength(2);
  });
});

describe('a provider that is down', () => {
  it('is bridged by an answer that is fresh no longer, and said to be stale', async () => {
    await core.stop();
    core = await startCore(upstream.url, { ISARTOR__CACHE_TTL_SECS: '1' });
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      upstream.respondWith(jsonAnswer(chatBody('old')));
      await (await core.post(CHAT, chatRequest('bridged'))).text();
      vi.setSystemTime(Date.now() + 5_000);
      upstream.respondWith({ kind: 'refuse' });
      const stale = await core.post(CHAT, chatRequest('bridged'));
      expect(stale.status).toBe(200);
      expect(stale.headers.get(HEADER.cache)).toBe('stale');
      expect(stale.headers.get('warning')).toBe('110 - "Response is Stale"');
      expect(stale.headers.get('age')).toBe('5');
      expect(await stale.json()).toMatchObject({ choices: [{ message: { content: 'old' } }] });
      expect((await core.post(CHAT, chatRequest('bridged'), { 'cache-control': 'no-cache' })).status).toBe(502);

      upstream.respondWith(jsonAnswer(chatBody('new')));
      expect(await (await core.post(CHAT, chatRequest('bridged'))).json()).toMatchObject({
        choices: [{ message: { content: 'new' } }],
      });
    } finally {
      vi.useRealTimers();
    }
  });
});
