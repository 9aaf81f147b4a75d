import { HEADER } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  fakeUpstream,
  geminiBody,
  geminiError,
  jsonAnswer,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startCore, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const KIB = 1024;

let first: FakeUpstream;
let second: FakeUpstream;
let third: FakeUpstream;
let core: RunningCore;

/** A chain whose second provider speaks another API. */
beforeEach(async () => {
  [first, second, third] = await Promise.all([fakeUpstream(), fakeUpstream(), fakeUpstream()]);
  core = await startCore(first.url, {
    ISARTOR__MAX_INFLIGHT_BYTES: '1Mi',
    ISARTOR__L3__RETRY__BASE_WAIT_MS: '1',
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'first', dialect: 'openai', url: first.url, model: 'm', key: 'sk' },
      { name: 'second', dialect: 'gemini', url: second.url, model: 'gemini-2.5-flash', key: 'sk' },
      { name: 'third', dialect: 'openai', url: third.url, model: 'm', key: 'sk' },
    ]),
    ISARTOR__L3__ROUTES: JSON.stringify([
      { model: '*', to: [{ provider: 'first' }, { provider: 'second' }, { provider: 'third' }] },
    ]),
  });
  third.respondWith(jsonAnswer(chatBody('third')));
});
afterEach(async () => {
  await core.stop();
  await Promise.all([first, second, third].map((upstream) => upstream.close()));
});

it('goes on where there is no room to translate', async () => {
  const gate = Promise.withResolvers<void>();
  first.respondWith(async ({ body }) => {
    if (body.byteLength > KIB) return { kind: 'refuse' };
    await gate.promise;
    return jsonAnswer(chatBody('small'));
  });
  const small = core.post(CHAT, chatRequest('x'));
  await first.request(1);
  const long = await core.post(CHAT, chatRequest('y'.repeat(250 * KIB)));
  expect([long.status, long.headers.get(HEADER.provider), second.requests.length]).toEqual([200, 'third', 0]);
  gate.resolve();
  expect((await small).status).toBe(200);
});

it('does not buy the beginning of an answer twice, and asks the next one', async () => {
  const candidates = [
    { content: { parts: [{ text: 'on ' }], role: 'model' }, finishReason: 'CONTINUATION', continuationToken: 't' },
  ];
  first.respondWith({ kind: 'refuse' });
  second.respondWith(() =>
    second.requests.length === 1
      ? jsonAnswer(geminiBody('', { candidates }))
      : geminiError(503, 'UNAVAILABLE', 'Try again.'),
  );
  const answer = await core.post(CHAT, chatRequest('x'));
  expect([answer.status, answer.headers.get(HEADER.provider)]).toEqual([200, 'third']);
  expect(second.requests).toHaveLength(2);
});
