import { fakeUpstream, wellBehaved, type FakeUpstream } from '@isartor/shared/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCEPTANCE_SETTINGS, describeAcceptance, type CacheSite } from '../support/acceptance.contract.ts';
import { redisServer, startLevel, type ComposeLevel } from '../support/compose-level.ts';

/** A workerd alone has no Cache API: at level 1 the core keeps what the edge, with Redis, keeps at the others. */
const LEVELS: readonly (readonly [file: string, cacheSite: CacheSite])[] = [
  ['docker-compose.yml', 'core'],
  ['docker-compose.sidecar.yml', 'edge'],
  ['docker-compose.full.yml', 'edge'],
];

describe.each(LEVELS)('%s', (file, cacheSite) => {
  let upstream: FakeUpstream;
  let level: ComposeLevel;

  beforeAll(async () => {
    upstream = await fakeUpstream({ respond: wellBehaved });
    const settings = {
      ...ACCEPTANCE_SETTINGS,
      ISARTOR__EXTERNAL_LLM_URL: upstream.url,
      // On a machine that is busy with tests Redis may answer late, and 150 requests at once are not to be misses for that.
      ISARTOR__REDIS_TIMEOUT_MS: '5000',
      // What is held here is the way to the cloud: no request asks for a model that the small one may replace.
      ISARTOR__LAYER2__REPLACES: 'none-of-these',
    };
    level = await startLevel(file, settings, await redisServer());
  });
  afterAll(async () => {
    await level.stop();
    await upstream.close();
  });

  describeAcceptance(() => ({ edge: level.edge, upstream }), cacheSite);

  it('answers an unauthorised call with 401, and knows the settings it was given', async () => {
    expect((await fetch(`${level.edge}/v1/models`)).status).toBe(401);
    expect(level.output()).not.toMatch(/set the same thing|unknown/);
  });
});

it('level 2 serves with the environment of the Kubernetes gateway as it is', async () => {
  const upstream = await fakeUpstream({ respond: wellBehaved });
  const settings = { ...ofTheGateway, ISARTOR__EXTERNAL_LLM_URL: upstream.url, ISARTOR__REDIS_TIMEOUT_MS: '5000' };
  const level = await startLevel('docker-compose.sidecar.yml', settings, await redisServer());
  const ask = async (): Promise<string | null> => {
    const answer = await fetch(`${level.edge}/api/chat`, {
      method: 'POST',
      headers: { authorization: 'Bearer your-production-key', 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'Is this level 2?' }),
    });
    await answer.body?.cancel();
    return `${answer.status} ${answer.headers.get('x-isartor-edge')}`;
  };
  try {
    // Where the machine is busy, the first answer may have overtaken the edge's own look into Redis.
    expect(await ask()).toMatch(/^200 miss(;why=late)?$/);
    await expect.poll(ask, { timeout: 10_000, interval: 250 }).toBe('200 hit');
  } finally {
    await level.stop();
    await upstream.close();
  }
});

/** The guide's, with the password that our manifests put into the Redis address. */
const ofTheGateway = {
  ISARTOR__HOST_PORT: '0.0.0.0:8080',
  ISARTOR__GATEWAY_API_KEY: 'your-production-key',
  ISARTOR__CACHE_BACKEND: 'redis',
  ISARTOR__REDIS_URL: 'redis://:password@redis.isartor:6379',
  ISARTOR__ROUTER_BACKEND: 'vllm',
  ISARTOR__VLLM_URL: 'http://isartor-inference:8081',
  ISARTOR__VLLM_MODEL: 'gemma-2-2b-it',
  ISARTOR__CACHE_MODE: 'both',
  ISARTOR__SIMILARITY_THRESHOLD: '0.85',
  ISARTOR__CACHE_TTL_SECS: '300',
  ISARTOR__CACHE_MAX_CAPACITY: '50000',
  ISARTOR__LAYER2__SIDECAR_URL: 'http://isartor-inference:8081',
  ISARTOR__LAYER2__MODEL_NAME: 'phi-3-mini',
  ISARTOR__LAYER2__TIMEOUT_SECONDS: '30',
  ISARTOR__EMBEDDING_SIDECAR__SIDECAR_URL: 'http://isartor-embedding:8082',
  ISARTOR__EMBEDDING_SIDECAR__MODEL_NAME: 'all-minilm',
  ISARTOR__EMBEDDING_SIDECAR__TIMEOUT_SECONDS: '10',
  ISARTOR__LLM_PROVIDER: 'openai',
  ISARTOR__EXTERNAL_LLM_MODEL: 'gpt-4o-mini',
  ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-...',
  ISARTOR__ENABLE_MONITORING: 'true',
  ISARTOR__OTEL_EXPORTER_ENDPOINT: 'http://otel-collector.isartor:4317',
};
