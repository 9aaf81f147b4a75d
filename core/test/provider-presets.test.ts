import { HEADER } from '@isartor/shared';
import {
  chatBody,
  chatRequest,
  embeddingRequest,
  fakeUpstream,
  responseRequest,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCore, type RunningCore } from './support/start-core.ts';

let first: FakeUpstream;
let second: FakeUpstream;
let core: RunningCore;

beforeEach(async () => {
  [first, second] = await Promise.all([fakeUpstream({ respond: wellBehaved }), fakeUpstream({ respond: wellBehaved })]);
  const providers = [
    { name: 'le-chat', preset: 'mistral', url: first.url, key: 'k', model: 'a' },
    { name: 'fast', preset: 'groq', url: second.url, key: 'k', model: 'b' },
  ];
  core = await startCore(first.url, { ISARTOR__L3__PROVIDERS: JSON.stringify(providers) });
});

afterEach(async () => {
  await core.stop();
  await Promise.all([first.close(), second.close()]);
});

test('a provider is not asked for what its server does not have: the next one that has it is', async () => {
  second.respondWith({ kind: 'json', status: 200, body: { ...chatBody('x'), object: 'response' } });
  const answer = await core.post('/v1/responses', responseRequest());
  expect([answer.status, answer.headers.get(HEADER.provider)]).toEqual([200, 'fast']);
  expect([first.requests.length, second.requests.length]).toEqual([0, 1]);
  expect((await core.post('/v1/embeddings', embeddingRequest())).headers.get(HEADER.provider)).toBe('le-chat');
});

test('what no server has is not served, and nobody is asked', async () => {
  const answer = await core.post('/v1/completions', { model: 'a', prompt: 'x' });
  expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'api_not_served' } }]);
  expect([first.requests.length, second.requests.length]).toEqual([0, 0]);
});

test('a server that refuses the question for usage gets the body as it is', async () => {
  const body = JSON.stringify({ ...chatRequest(), model: 'a', stream: true, unknown_field: [1.0] });
  await (await core.post('/v1/chat/completions', body)).text();
  expect(Buffer.from(first.requests[0]?.body ?? []).toString()).toBe(body);
});
