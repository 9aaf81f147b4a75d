import { HEADER } from '@isartor/shared';
import {
  fakeUpstream,
  geminiBody,
  geminiRequest,
  jsonAnswer,
  messageBody,
  messageError,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCore, type RunningCore } from './support/start-core.ts';

/** A stream that is not asked for as events: one JSON list. */
const LISTED = 'streamGenerateContent';
const EVENTS = 'streamGenerateContent?alt=sse';
const PLAIN = 'generateContent';
const CLAUDE = 'claude-haiku-4-5';

let upstream: FakeUpstream;
let core: RunningCore;

beforeAll(async () => {
  upstream = await fakeUpstream();
  core = await startCore(upstream.url, {
    ISARTOR__L3__RETRY__MAX_CALLS: '1',
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'gemini', dialect: 'gemini', url: upstream.url, model: 'gemini-2.5-flash', key: 'sk' },
      { name: 'anthropic', dialect: 'anthropic', url: upstream.url, model: CLAUDE, key: 'sk' },
    ]),
    ISARTOR__L3__ROUTES: JSON.stringify([
      { model: 'gemini-*', to: [{ provider: 'gemini', model: 'gemini-2.5-flash' }] },
      { model: 'claude-*', to: [{ provider: 'anthropic', model: CLAUDE }] },
    ]),
  });
});
afterAll(async () => {
  await core.stop();
  await upstream.close();
});

const ask = (method: string, question: string, model = CLAUDE): Promise<Response> =>
  core.post(`/v1beta/models/${model}:${method}`, geminiRequest(question));

describe('a stream of Gemini’s without alt=sse', () => {
  it('is a list of one piece where another provider answers', async () => {
    upstream.respondWith(jsonAnswer(messageBody('Hello.')));
    const reply = await ask(LISTED, 'listed');
    expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await reply.json()).toMatchObject([
      {
        candidates: [{ content: { parts: [{ text: 'Hello.' }] }, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: 9 },
      },
    ]);
    expect(Number(reply.headers.get(HEADER.cost))).toBeGreaterThan(0);
  });

  it('is neither stored nor answered from what other forms have stored', async () => {
    upstream.respondWith(jsonAnswer(messageBody('Hello.')));
    const before = upstream.requests.length;
    const forms = [LISTED, PLAIN, LISTED, EVENTS, PLAIN];
    const told: [string | null, string][] = [];
    for (const form of forms) {
      const reply = await ask(form, 'in every form');
      told.push([reply.headers.get(HEADER.layer), (await reply.text()).slice(0, 1)]);
    }
    expect(told).toEqual([
      ['l3', '['],
      ['l3', '{'],
      ['l3', '['],
      ['l1a', 'd'],
      ['l1a', '{'],
    ]);
    expect(upstream.requests).toHaveLength(before + 3);
  });

  it('comes as Gemini sends it where Gemini answers', async () => {
    const list = `[${JSON.stringify(geminiBody('One '))},\r\n${JSON.stringify(geminiBody('two'))}]`;
    upstream.respondWith({ kind: 'text', body: list });
    expect(await (await ask(LISTED, 'of its own', 'gemini-2.5-flash')).text()).toBe(list);
    expect(upstream.requests.at(-1)?.url).toBe('/v1beta/models/gemini-2.5-flash:streamGenerateContent');
  });

  it.each<[string, string, () => Promise<Response>, number]>([
    ['a refusal of another provider', 'too many', () => ask(LISTED, 'refused'), 429],
    [
      'a field without a counterpart',
      'cachedContent',
      () => core.post(`/v1beta/models/${CLAUDE}:${LISTED}`, { ...geminiRequest('x'), cachedContent: 'c' }),
      400,
    ],
    ['a body that is none', 'JSON', () => core.post(`/v1beta/models/gemini-2.5-flash:${LISTED}?alt=json`, 'no'), 400],
    [
      'a caller whom nobody knows',
      'key',
      () => core.post(`/v1beta/models/${CLAUDE}:${LISTED}`, geminiRequest('x'), { authorization: 'Bearer wrong' }),
      401,
    ],
  ])('tells of an error in a list: %s', async (_what, words, send, status) => {
    upstream.respondWith(messageError(429, 'rate_limit_error', 'too many'));
    const reply = await send();
    expect(await reply.json()).toMatchObject([{ error: { code: status, message: expect.stringContaining(words) } }]);
    expect(reply.status).toBe(status);
  });

  it.each([PLAIN, EVENTS])('is alone in that: %s', async (method) => {
    upstream.respondWith(messageError(429, 'rate_limit_error', 'too many'));
    expect(await (await ask(method, `refused ${method}`)).json()).toMatchObject({ error: { message: 'too many' } });
    const nobody = { authorization: 'Bearer wrong' };
    const unknown = await core.post(`/v1beta/models/${CLAUDE}:${method}`, geminiRequest('x'), nobody);
    expect(await unknown.json()).toMatchObject({ error: { code: 401 } });
  });
});
