import { createHash } from 'node:crypto';
import { chatRequest, fakeUpstream, jsonAnswer, chatBody, type FakeUpstream } from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layerOf, startCore, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const TENANTS = Array.from({ length: 50 }, (_, index) => `tenant-${index}`);

let upstream: FakeUpstream;
let core: RunningCore;

function keyOf(tenant: string, more: Record<string, unknown> = {}) {
  return { tenant, name: 'test', sha256: createHash('sha256').update(`key-of-${tenant}`).digest('hex'), ...more };
}

function as(tenant: string) {
  return { authorization: `Bearer key-of-${tenant}` };
}

beforeEach(async () => {
  let calls = 0;
  upstream = await fakeUpstream({ respond: () => jsonAnswer(chatBody(`answer number ${(calls += 1)}`)) });
});

afterEach(async () => {
  await core.stop();
  await upstream.close();
});

describe('tenants', () => {
  it('never see each other’s answers: 50 of them, the same prompts, all at once', async () => {
    core = await startCore(upstream.url, {
      ISARTOR__AUTH__KEYS: JSON.stringify(TENANTS.map((tenant) => keyOf(tenant))),
    });
    const prompts = ['one', 'two', 'three'];
    const ask = async (tenant: string, prompt: string) => {
      const response = await core.post(CHAT, chatRequest(prompt), as(tenant));
      return { tenant, prompt, layer: layerOf(response), text: await response.text() };
    };
    const pairs = TENANTS.flatMap((tenant) => prompts.map((prompt) => [tenant, prompt] as const));
    const first = await Promise.all(pairs.map(([tenant, prompt]) => ask(tenant, prompt)));
    const second = await Promise.all(pairs.map(([tenant, prompt]) => ask(tenant, prompt)));

    expect(new Set(first.map(({ text }) => text)).size).toBe(pairs.length);
    expect(second.every(({ layer }) => layer === 'l1a')).toBe(true);
    expect(second.map(({ text }) => text)).toEqual(first.map(({ text }) => text));
  });

  it('with two keys of one tenant share its answers', async () => {
    const other = { ...keyOf('one'), name: 'rotated', sha256: createHash('sha256').update('new-key').digest('hex') };
    core = await startCore(upstream.url, { ISARTOR__AUTH__KEYS: JSON.stringify([keyOf('one'), other]) });
    await core.post(CHAT, chatRequest('x'), as('one'));
    expect(layerOf(await core.post(CHAT, chatRequest('x'), { authorization: 'Bearer new-key' }))).toBe('l1a');
  });

  it.each([
    ['cache: off keeps a key out of the cache', { cache: 'off' }, 'l3'],
    ['cache: exact lets it in', { cache: 'exact' }, 'l1a'],
    ['layers without l1a keeps it out of the cache', { layers: ['l3'] }, 'l3'],
  ])('%s', async (_what, more, layer) => {
    core = await startCore(upstream.url, { ISARTOR__AUTH__KEYS: JSON.stringify([keyOf('one', more)]) });
    await core.post(CHAT, chatRequest('x'), as('one'));
    expect(layerOf(await core.post(CHAT, chatRequest('x'), as('one')))).toBe(layer);
  });

  it('whose key allows no layer that can answer get 403', async () => {
    core = await startCore(upstream.url, { ISARTOR__AUTH__KEYS: JSON.stringify([keyOf('one', { layers: ['l1a'] })]) });
    const response = await core.post(CHAT, chatRequest('x'), as('one'));
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'layer_not_allowed' } });
  });

  it('with an expired key, or two differing ones, are refused', async () => {
    core = await startCore(upstream.url, {
      ISARTOR__AUTH__KEYS: JSON.stringify([
        keyOf('late', { not_after: '2020-01-01T00:00:00Z' }),
        keyOf('one'),
        keyOf('two'),
      ]),
    });
    expect((await core.post(CHAT, chatRequest('x'), as('late'))).status).toBe(401);
    const both = await core.post(CHAT, chatRequest('x'), { ...as('one'), 'x-api-key': 'key-of-two' });
    expect(both.status).toBe(401);
    expect(await both.json()).toMatchObject({ error: { code: 'conflicting_credentials' } });
    expect((await core.post(CHAT, chatRequest('x'), { ...as('one'), 'x-api-key': 'key-of-one' })).status).toBe(200);
  });

  it('pass without a key where authentication is off, and only through the edge where that is asked', async () => {
    core = await startCore(upstream.url, {
      ISARTOR__GATEWAY_API_KEY: '',
      ISARTOR__AUTH__MODE: 'off',
      ISARTOR__EDGE_ONLY: 'true',
    });
    const direct = await core.post(CHAT, chatRequest('x'), { authorization: '' });
    expect(direct.status).toBe(403);
    expect(await direct.json()).toMatchObject({ error: { code: 'edge_only' } });
  });
});
