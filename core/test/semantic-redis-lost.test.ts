import { HEADER } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { testRedis, type StartedRedis } from './support/redis.ts';
import { layerOf, startCore, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const ASKED = 'How do I reset a password?';
const PARAPHRASE = 'How can I reset a password?';
const OPPOSITE = 'How do I not reset a password?';

const probe = await testRedis({ own: true });
const skip = 'skip' in probe ? probe.skip : undefined;
if ('stop' in probe) await probe.stop();

let upstream: FakeUpstream;
const running: { stop(): Promise<unknown> }[] = [];

beforeAll(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});
afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});
afterAll(() => upstream.close());

/** A Redis that keeps nothing on disk. */
async function startRedis(port?: number): Promise<StartedRedis> {
  const server = await testRedis(port === undefined ? { own: true } : { own: true, port });
  if ('skip' in server) throw new Error(server.skip);
  running.push(server);
  return server;
}

async function restartEmpty(server: StartedRedis, meanwhile: () => Promise<void>): Promise<void> {
  if (server.pid === undefined) throw new Error('a Redis in a container cannot be killed');
  process.kill(server.pid, 'SIGKILL');
  await server.stop();
  await meanwhile();
  await startRedis(Number(new URL(server.url).port));
}

async function serving(env: Readonly<Record<string, string>>): Promise<RunningCore> {
  const core = await startCore(upstream.url, {
    ISARTOR__CACHE_BACKEND: 'redis',
    ISARTOR__REDIS_TIMEOUT_MS: '2000',
    ISARTOR__SEMANTIC_CACHE__EMBEDDER: 'builtin',
    ISARTOR__SEMANTIC_CACHE__MODE: 'serve',
    ISARTOR__SEMANTIC_CACHE__TIMEOUT_MS: '10000',
    ...env,
  });
  running.push(core);
  return core;
}

async function untilIndexIs(core: RunningCore, status: 'up' | 'down'): Promise<void> {
  const told = async () =>
    expect(await (await core.get('/readyz')).json()).toMatchObject({
      checks: { semantic_cache: { index: { status } } },
    });
  await vi.waitFor(told, { timeout: 15_000, interval: 50 });
}

/** Asks past the exact cache, and leaves no trace: what is stored stays as it was. */
async function look(core: RunningCore, text: string) {
  const response = await core.post(CHAT, chatRequest(text), { [HEADER.bypass]: 'l1a' });
  const { status, headers } = response;
  return { status, layer: layerOf(response), semantic: headers.get(HEADER.semantic), text: await response.text() };
}

/** What is said of L1b. */
async function explained(core: RunningCore, text: string): Promise<unknown> {
  const response = await core.post('/api/v1/explain', { operation: 'openai.chat', request: chatRequest(text) });
  const { layers } = (await response.json()) as { layers: readonly { readonly layer: string }[] };
  return layers.find(({ layer }) => layer === 'l1b');
}

/** Has the question answered by the provider, until its paraphrase is answered from what was learnt. */
async function learn(core: RunningCore): Promise<void> {
  await vi.waitFor(
    async () => {
      await (await core.post(CHAT, chatRequest(ASKED), { 'cache-control': 'no-cache' })).text();
      expect(await look(core, PARAPHRASE)).toMatchObject({ status: 200, layer: 'l1b', semantic: 'hit' });
    },
    { timeout: 15_000, interval: 100 },
  );
  expect((await look(core, PARAPHRASE)).text).toContain(`Answer to: ${ASKED}`);
  expect(await look(core, OPPOSITE)).toMatchObject({ status: 200, layer: 'l3', semantic: 'guarded:negation' });
}

describe.skipIf(skip !== undefined)(`a Redis that loses the vectors (${skip ?? 'real'})`, () => {
  test.each([
    ['together with the answers', false],
    ['alone, the answers being in another one', true],
  ])('%s: no error and no wrong hit, and what is learnt anew is found', async (_what, apart) => {
    const vectors = await startRedis();
    const answers = apart ? await startRedis() : vectors;
    const own = apart ? { ISARTOR__SEMANTIC_CACHE__REDIS_URL: vectors.url } : {};
    const core = await serving({ ISARTOR__REDIS_URL: answers.url, ...own });
    await learn(core);

    const answeredByTheProvider = async (semantic: unknown): Promise<void> => {
      for (const text of [PARAPHRASE, OPPOSITE, ASKED, PARAPHRASE]) {
        const answer = await look(core, text);
        expect(answer).toMatchObject({ status: 200, layer: 'l3', semantic });
        expect(answer.text).toContain(`Answer to: ${text}`);
      }
    };
    await restartEmpty(vectors, async () => {
      await answeredByTheProvider('unavailable');
      await untilIndexIs(core, 'down');
      const why = apart ? 'the vector index is down' : 'the store of answers cannot be read';
      expect(await explained(core, PARAPHRASE)).toMatchObject({ would: 'pass on', why });
    });
    await untilIndexIs(core, 'up');
    // Where the tenant's record is lost too, it comes back with the first answer that is stored.
    await answeredByTheProvider(
      expect.stringMatching(apart ? /^below-threshold$/ : /^(?:below-threshold|unavailable)$/),
    );
    await learn(core);
  });
});
