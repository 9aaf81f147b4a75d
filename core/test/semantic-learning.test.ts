import { fileURLToPath } from 'node:url';
import { HEADER } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { MemoryVectorIndex } from '../src/l1b-semantic-cache/adapters/memory-vector-index.ts';
import { VectorIndex } from '../src/l1b-semantic-cache/vector-index.port.ts';
import { testEmbeddingServer } from './support/embedding-server.ts';
import { freePort } from './support/free-port.ts';
import { ownRedis } from './support/own-redis.ts';
import { layerOf, startCore, type RunningCore } from './support/start-core.ts';

const { redis, redisSkip, stopRedis } = await ownRedis();
const BUILTIN = fileURLToPath(new URL('../models/builtin', import.meta.url));
const CHAT = '/v1/chat/completions';
const ASKED = 'How do I reset a password?';
const PARAPHRASE = 'How can I reset a password?';

let upstream: FakeUpstream;
const cores: RunningCore[] = [];

/** A core that serves from the built-in model. */
async function start(env: Readonly<Record<string, string>>): Promise<RunningCore> {
  const core = await startCore(upstream.url, {
    ISARTOR__SEMANTIC_CACHE__EMBEDDER: 'builtin',
    ISARTOR__SEMANTIC_CACHE__MODE: 'serve',
    ISARTOR__SEMANTIC_CACHE__TIMEOUT_MS: '10000',
    ...env,
  });
  cores.push(core);
  return core;
}

/** One whose questions answer others only once they were asked twice. */
async function startCautious(env: Readonly<Record<string, string>>): Promise<RunningCore> {
  const core = await start({ ISARTOR__SEMANTIC_CACHE__REPEATED_ONLY: 'true', ...env });
  await untilUp(core);
  return core;
}

async function untilUp(core: RunningCore): Promise<void> {
  const ready = async () =>
    expect(await (await core.get('/readyz')).json()).toMatchObject({ checks: { semantic_cache: { status: 'up' } } });
  await vi.waitFor(ready, { timeout: 15_000, interval: 50 });
}

const ask = async (core: RunningCore, text: string, headers: Record<string, string> = {}): Promise<string | null> => {
  const response = await core.post(CHAT, chatRequest(text), headers);
  await response.text();
  return layerOf(response);
};
/** Looks the paraphrase up and leaves no trace of its own: past the exact cache, and its answer is not stored. */
const answeredFrom = async (core: RunningCore): Promise<string | null> => {
  const response = await core.post(CHAT, chatRequest(PARAPHRASE), { [HEADER.bypass]: 'l1a' });
  await response.text();
  return response.headers.get(HEADER.semantic);
};
const untilHit = (core: RunningCore): Promise<void> =>
  vi.waitFor(async () => expect(await answeredFrom(core)).toBe('hit'), { timeout: 10_000, interval: 50 });

beforeAll(async () => {
  upstream = await fakeUpstream({ respond: wellBehaved });
});
afterEach(async () => {
  await Promise.all(cores.splice(0).map((core) => core.stop()));
});
afterAll(async () => {
  await upstream.close();
  await stopRedis();
});

const shared = (): Record<string, string> => ({
  ISARTOR__CACHE_BACKEND: 'redis',
  ISARTOR__REDIS_URL: redis,
  ISARTOR__REDIS_TIMEOUT_MS: '2000',
  ISARTOR__CACHE_NAMESPACE: `t${crypto.randomUUID()}`,
});

describe('where only repeated questions answer others', () => {
  test.each([
    ['from the exact cache', {}, {}],
    ['past the exact cache', {}, { 'cache-control': 'no-cache' }],
    ['where no exact answer is served', { ISARTOR__CACHE_MODE: 'semantic' }, {}],
  ])('the second asking counts, %s', async (_what, env, headers) => {
    const core = await startCautious(env);
    expect(await ask(core, ASKED)).toBe('l3');
    expect(await answeredFrom(core)).toBe('below-threshold');
    await ask(core, ASKED, headers);
    await untilHit(core);
  });

  test.skipIf(redisSkip !== undefined)('the second asking counts in whichever core on one Redis', async () => {
    const env = shared();
    const [first, second] = [await startCautious(env), await startCautious(env)];
    expect(await ask(first, ASKED)).toBe('l3');
    expect(await answeredFrom(second)).toBe('below-threshold');
    await vi.waitFor(async () => expect(await ask(second, ASKED)).toBe('l1a'), { timeout: 5_000, interval: 50 });
    await untilHit(first);
  });
});

describe('a question that is learnt', () => {
  test('may wait longer for its vector than one that is looked up', async () => {
    const core = await start({ ISARTOR__SEMANTIC_CACHE__TIMEOUT_MS: '1' });
    const index: MemoryVectorIndex = core.app.get(VectorIndex, { strict: false });
    // The model is still loading.
    const response = await core.post(CHAT, chatRequest(ASKED));
    await response.text();
    expect(response.headers.get(HEADER.semantic)).toBe('unavailable');
    await vi.waitFor(() => expect(index.size).toBe(1), { timeout: 10_000, interval: 50 });
  });

  test('and gets no vector is counted', async () => {
    const server = await testEmbeddingServer(BUILTIN, 'tei');
    const port = await freePort();
    const core = await start({
      ISARTOR__SEMANTIC_CACHE__EMBEDDER: 'sidecar',
      ISARTOR__EMBEDDING_SIDECAR__SIDECAR_URL: server.url,
      ISARTOR__EMBEDDING_SIDECAR__TIMEOUT_SECONDS: '0.2',
      ISARTOR__METRICS_PORT: String(port),
    });
    await untilUp(core);
    server.fault = 'hang';
    expect(await ask(core, ASKED)).toBe('l3');
    const counted = 'isartor_semantic_events_total{mode="serve",event="error",why="timeout"} 1';
    const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await vi.waitFor(async () => expect(await metrics()).toContain(counted), { timeout: 5_000, interval: 50 });
    await server.close();
  });
});
