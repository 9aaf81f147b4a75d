import type { JsonObject } from '@isartor/shared';
import { chatRequest, fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fakePool, type FakePool } from './support/fake-pool.ts';
import { GUIDE } from './support/guide-environment.ts';
import { untilPool } from './support/small-model.ts';
import { layerOf, startCore, TEST_KEY, type RunningCore } from './support/start-core.ts';

const CHAT = '/v1/chat/completions';
const ASKED = 4;

let cloud: FakeUpstream;
let pool: FakePool;
let core: RunningCore;

beforeAll(async () => {
  cloud = await fakeUpstream({ respond: wellBehaved });
  pool = await fakePool('vllm', { models: [GUIDE.ISARTOR__VLLM_MODEL] });
  core = await startCore(cloud.url, {
    ...GUIDE,
    // What the guide's cluster has, and a test has not: its addresses, Redis, a model of embeddings and a collector.
    ISARTOR__HOST_PORT: '127.0.0.1:0',
    ISARTOR__GATEWAY_API_KEY: TEST_KEY,
    ISARTOR__CACHE_BACKEND: 'memory',
    ISARTOR__CACHE_MODE: 'exact',
    ISARTOR__VLLM_URL: pool.url,
    ISARTOR__LAYER2__SIDECAR_URL: pool.url,
    ISARTOR__ENABLE_MONITORING: 'false',
  });
  await untilPool(core, 'up');
});

afterAll(async () => {
  await core?.stop();
  await pool?.upstream.close();
  await cloud?.close();
});

it.each<[string, JsonObject, string, string]>([
  ['for gpt-4o is never answered by L2', { model: 'gpt-4o' }, 'l3', 'gpt-4o'],
  ['for gpt-4o-mini may be', { model: 'gpt-4o-mini' }, 'l2', GUIDE.ISARTOR__VLLM_MODEL],
  ['without a model may be', {}, 'l2', GUIDE.ISARTOR__VLLM_MODEL],
])("with the guide's environment a request %s", async (_, named, layer, spoke) => {
  const before = pool.chats().length;
  for (let count = 0; count < ASKED; count++) {
    const { model: _usual, ...body } = chatRequest(`${spoke} ${layer} ${Object.keys(named).length} ${count}`);
    const response = await core.post(CHAT, { ...body, ...named });
    expect([layerOf(response), await response.json()]).toMatchObject([layer, { model: spoke }]);
  }
  expect(pool.chats().length - before).toBe(layer === 'l2' ? ASKED : 0);
});
