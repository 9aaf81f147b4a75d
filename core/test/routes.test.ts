import { HEADER } from '@isartor/shared';
import {
  chatRequest,
  embeddingRequest,
  errorAnswer,
  fakeUpstream,
  geminiRequest,
  wellBehaved,
  type FakeUpstream,
} from '@isartor/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layerOf, startCore, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';

let one: FakeUpstream;
let two: FakeUpstream;
const cores: RunningCore[] = [];

beforeEach(async () => {
  [one, two] = [await fakeUpstream({ respond: wellBehaved }), await fakeUpstream({ respond: wellBehaved })];
});
afterEach(async () => {
  for (const core of cores.splice(0)) await core.stop();
  await Promise.all([one.close(), two.close()]);
});

async function start(routes: readonly object[]): Promise<RunningCore> {
  const core = await startCore(one.url, {
    ISARTOR__L3__PROVIDERS: JSON.stringify([
      { name: 'one', url: one.url, model: 'gpt-4o-mini' },
      { name: 'two', url: two.url, model: 'gpt-4o-mini' },
      { name: 'gem', url: `${two.origin}/v1beta`, model: 'gemini-2.5-flash', dialect: 'gemini', key: 'g' },
    ]),
    ISARTOR__L3__ROUTES: JSON.stringify(routes),
    ISARTOR__L3__RETRY__BASE_WAIT_MS: '0',
  });
  cores.push(core);
  return core;
}

/** The provider and the model that answered, as the answer says. */
async function ask(core: RunningCore, model: string | undefined, text = 'x') {
  const response = await core.post(CHAT, chatRequest(text, model === undefined ? {} : { model }));
  await response.text();
  return `${response.headers.get(HEADER.provider)} ${response.headers.get(HEADER.model)} ${response.status}`;
}

function modelsAsked(upstream: FakeUpstream): unknown[] {
  return upstream.requests
    .filter(({ method }) => method === 'POST')
    .map((request) => (request.json() as { model?: string }).model);
}

describe('a route', () => {
  it('leads an alias or a pattern to its providers and their models, and every other model to the chain', async () => {
    const core = await start([
      { model: 'fast', to: [{ provider: 'two', model: 'llama-3.3-70b' }] },
      { model: 'claude-*', to: [{ provider: 'two' }] },
    ]);
    expect(await ask(core, 'fast')).toBe('two llama-3.3-70b 200');
    expect(await ask(core, 'claude-9')).toBe('two claude-9 200');
    expect(await ask(core, 'gpt-4o')).toBe('one gpt-4o 200');
    expect(modelsAsked(two)).toEqual(['llama-3.3-70b', 'claude-9']);
    expect(modelsAsked(one)).toEqual(['gpt-4o']);
  });

  it('asks its providers in order, and nobody else', async () => {
    const to = [
      { provider: 'two', model: 'first' },
      { provider: 'one', model: 'second' },
    ];
    const core = await start([
      { model: 'safe', to },
      { model: 'alone', to: [{ provider: 'two' }] },
    ]);
    two.respondWith(errorAnswer(500, 'down'));
    expect(await ask(core, 'safe')).toBe('one second 200');
    expect(await ask(core, 'alone')).toBe('two alone 500');
    expect(modelsAsked(one)).toEqual(['second']);
  });

  it('draws the first by weight', async () => {
    const to = [
      { provider: 'one', weight: 0 },
      { provider: 'two', weight: 1 },
    ];
    const core = await start([{ model: 'drawn', to }]);
    for (const text of ['a', 'b', 'c']) expect(await ask(core, 'drawn', text)).toBe('two drawn 200');
    expect(one.requests).toEqual([]);
  });

  it('names the model in the path too, where the API has it there', async () => {
    const core = await start([{ model: 'quick', to: [{ provider: 'gem', model: 'gemini-2.0-flash' }] }]);
    const response = await core.post('/v1beta/models/quick:generateContent', geminiRequest('x'));
    expect([response.status, response.headers.get(HEADER.model)]).toEqual([200, expect.any(String)]);
    await response.text();
    expect(two.requests.map(({ path }) => path)).toEqual(['/v1beta/models/gemini-2.0-flash:generateContent']);
    // Nobody that the route names speaks the API of what is not translated.
    expect((await core.post('/v1/embeddings', embeddingRequest('x', { model: 'quick' }))).status).toBe(404);
  });

  it('has clocks of its own', async () => {
    const to = [{ provider: 'two' }];
    const core = await start([{ model: 'hasty', to, clocks: { first_byte_secs: 0.1, plain_secs: 0.1 } }]);
    two.respondWith({ kind: 'stall' });
    const began = performance.now();
    expect((await core.post(CHAT, chatRequest('x', { model: 'hasty' }))).status).toBe(504);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('decides whether and for how long its answers are kept', async () => {
    const to = [{ provider: 'two' }];
    const core = await start([
      { model: 'never', to, cache: 'off' },
      { model: 'skipped', to, skip: ['l1a'] },
      { model: 'kept', to },
      { model: 'briefly', to, cache_ttl_secs: 7 },
    ]);
    const layers = async (model: string) => [
      layerOf(await core.post(CHAT, chatRequest('x', { model }))),
      layerOf(await core.post(CHAT, chatRequest('x', { model }))),
    ];
    expect(await layers('never')).toEqual(['l3', 'l3']);
    expect(await layers('skipped')).toEqual(['l3', 'l3']);
    expect(await layers('kept')).toEqual(['l3', 'l1a']);
    expect(await layers('briefly')).toEqual(['l3', 'l1a']);
    const edge = { 'x-isartor-edge-auth': 'test-edge-secret-of-sufficient-length-0123456789' };
    const stored = await core.post(CHAT, chatRequest('y', { model: 'briefly' }), edge);
    const meta = JSON.parse(Buffer.from(stored.headers.get(HEADER.stored) ?? '', 'base64url').toString()) as Record<
      string,
      number
    >;
    expect((meta['freshUntil'] ?? 0) - (meta['createdAt'] ?? 0)).toBe(7_000);
  });

  it('is listed among the models where it is an alias', async () => {
    const core = await start([
      { model: 'fast', to: [{ provider: 'two', model: 'm' }] },
      { model: 'claude-*', to: [{ provider: 'two' }] },
    ]);
    const { data } = (await (await core.get('/v1/models')).json()) as { data: { id: string; owned_by: string }[] };
    expect(data.map(({ id, owned_by }) => `${id} ${owned_by}`)).toContain('fast two');
    expect(data.map(({ id }) => id)).not.toContain('claude-*');
    expect((await core.get('/v1/models/fast')).status).toBe(200);
  });

  it('is told in an explanation', async () => {
    const core = await start([{ model: 'fast', to: [{ provider: 'two', model: 'm', weight: 1 }], cache: 'off' }]);
    const request = { operation: 'openai.chat', request: chatRequest('x', { model: 'fast' }) };
    const { layers } = (await (await core.post('/api/v1/explain', request)).json()) as {
      layers: { layer: string; providers?: object[]; why: string }[];
    };
    const told = (name: string) => layers.find(({ layer }) => layer === name);
    expect(told('l1a')?.why).toContain('off');
    expect(told('l3')?.providers).toMatchObject([{ provider: 'two', model: 'm', weight: 1 }]);
  });
});
