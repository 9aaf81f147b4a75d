import { HEADER } from '@isartor/shared';
import {
  chatRequest,
  fakeUpstream,
  geminiBody,
  geminiStream,
  jsonAnswer,
  messageBody,
  messageStream,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startCore, type RunningCore } from './support/start-core.ts';

const ADMIN_KEY = 'admin-key-of-the-test';
const CHAT = '/v1/chat/completions';
const CLAUDE = 'claude-haiku-4-5';
const GEMINI = 'gemini-2.5-flash';
const KIB = 1024;

let upstream: FakeUpstream;
let core: RunningCore;

beforeEach(async () => {
  upstream = await fakeUpstream();
  core = await startCore(upstream.url, {
    ISARTOR__ADMIN_KEY: ADMIN_KEY,
    ISARTOR__MAX_INFLIGHT_BYTES: '1Mi',
    ISARTOR__L3__RETRY__MAX_CALLS: '1',
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'anthropic', dialect: 'anthropic', url: upstream.url, model: CLAUDE, key: 'sk' },
      { name: 'gemini', dialect: 'gemini', url: upstream.url, model: GEMINI, key: 'sk' },
    ]),
    ISARTOR__L3__ROUTES: JSON.stringify([
      { model: 'claude-*', to: [{ provider: 'anthropic', model: CLAUDE }] },
      { model: 'gemini-*', to: [{ provider: 'gemini', model: GEMINI }] },
    ]),
  });
});
afterEach(async () => {
  await core.stop();
  await upstream.close();
});

interface Total {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly spent_usd: number;
}

/** What all calls used and cost up to now. */
async function total(): Promise<Total> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const report = (await (await fetch(`${core.origin}/api/v1/usage`, { headers })).json()) as { total: Total };
  return report.total;
}

describe('a call in the words of another API', () => {
  it("costs what its provider's own counts say: what it wrote into its prompt cache has a price of its own", async () => {
    const usage = {
      input_tokens: 1_000,
      cache_creation_input_tokens: 2_000,
      cache_read_input_tokens: 4_000,
      output_tokens: 100,
    };
    upstream.respondWith(jsonAnswer(messageBody('said', { usage })));
    const reply = await core.post(CHAT, chatRequest('x', { model: CLAUDE }));
    const usd = (1_000 * 1 + 2_000 * 1.25 + 4_000 * 0.1 + 100 * 5) / 1e6;
    expect(Number(reply.headers.get(HEADER.cost))).toBeCloseTo(usd, 9);
    const { input_tokens: input, output_tokens: output, spent_usd: spent } = await total();
    expect([input, output]).toEqual([7_000, 100]);
    expect(spent).toBeCloseTo(usd, 9);
  });

  it('is paid for as far as its provider told when its caller leaves', async () => {
    const gate = Promise.withResolvers<void>();
    const { steps } = messageStream(messageBody('long'));
    upstream.respondWith({ kind: 'stream', steps: [...steps.slice(0, 4), { wait: gate.promise }] });
    const reply = await core.post(CHAT, chatRequest('x', { model: CLAUDE, stream: true }));
    await reply.body?.cancel();
    await vi.waitFor(() => expect(core.inFlight()).toBe(0));
    gate.resolve();
    await vi.waitFor(async () => expect(await total()).toMatchObject({ input_tokens: 9 }));
  });

  it('is paid for where its answer cannot be told in the words of its caller', async () => {
    const content = [{ type: 'text', text: 7 }];
    upstream.respondWith(jsonAnswer(messageBody('', { content })));
    expect((await core.post(CHAT, chatRequest('x', { model: CLAUDE }))).status).toBe(502);
    expect(await total()).toMatchObject({ input_tokens: 9 });
  });

  it.each([false, true])('ends where its provider does not, stream: %s', async (stream) => {
    const parts = [{ text: 'on and ' }];
    const candidates = [{ content: { parts, role: 'model' }, finishReason: 'CONTINUATION', continuationToken: 't' }];
    const body = geminiBody('', { candidates });
    upstream.respondWith(() => (stream ? geminiStream(body) : jsonAnswer(body)));
    const reply = await core.post(CHAT, chatRequest('x', { model: GEMINI, stream }));
    expect(await reply.text()).toContain('does not come to an end');
    expect(upstream.requests).toHaveLength(8);
    // Each of them read something.
    const { input_tokens: input } = await total();
    expect(input).toBe(8 * 9);
  });

  it('costs what all the parts of its answer cost', async () => {
    upstream.respondWith(() => {
      const more = upstream.requests.length < 3 ? { finishReason: 'CONTINUATION', continuationToken: 't' } : {};
      const candidates = [{ content: { parts: [{ text: 'on ' }], role: 'model' }, finishReason: 'STOP', ...more }];
      return jsonAnswer(geminiBody('', { candidates }));
    });
    const reply = await core.post(CHAT, chatRequest('x', { model: GEMINI }));
    const { spent_usd: spent } = await total();
    expect(spent).toBeGreaterThan(0);
    expect(Number(reply.headers.get(HEADER.cost))).toBeCloseTo(spent, 9);
  });

  it('is held against what may be in memory, and let go with its answer', async () => {
    const gate = Promise.withResolvers<void>();
    upstream.respondWith(async () => {
      await gate.promise;
      return jsonAnswer(messageBody('said'));
    });
    const long = (name: string) => core.post(CHAT, chatRequest(name.repeat(100 * KIB), { model: CLAUDE }));
    const first = long('a');
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1));
    // Their bodies alone would be a fifth of what may be held.
    expect((await long('b')).status).toBe(503);
    gate.resolve();
    expect((await first).status).toBe(200);
    expect((await long('c')).status).toBe(200);
  });
});
