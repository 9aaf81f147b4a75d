import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../core/src/config/config.ts';
import { GUIDE_YAML } from '../../core/test/support/guide-yaml.ts';
import { readCoreConfig } from '../local/src/stack/core-settings.ts';
import { CONTAINERS, guideText } from './support/guide.ts';
import { environmentOf, type Secrets } from './support/gateway-environment.ts';
import { parseObjects } from './support/kubernetes-object.ts';
import { cannotRender, render } from './support/render.ts';
import { startCore } from './support/start-core.ts';

// The two Secrets of the guide's step 2, and the one for Redis.
const SECRETS: Secrets = {
  'isartor-gateway-secret': { 'gateway-api-key': 'your-production-key' },
  'isartor-llm-secret': { 'api-key': 'sk-...' },
  'isartor-redis-secret': { password: '0123456789abcdef' },
  'isartor-redis-address': { url: 'rediss://default:secret@database.example.com:6379' },
};
const GATEWAY = 'Deployment/isartor-gateway';

/** What the core reads of it: by its own code, without the seconds that a process takes. @throws Fault with what is wrong */
function configuration(env: Readonly<Record<string, string>>): Config {
  return readCoreConfig(env, tmpdir());
}

async function readiness(env: Readonly<Record<string, string>>): Promise<unknown> {
  const core = await startCore(env);
  try {
    const answer = await fetch(`${core.origin}/readyz`, { signal: AbortSignal.timeout(10_000) });
    expect(answer.status).toBe(200);
    return await answer.json();
  } finally {
    await core.stop();
  }
}

describe("the gateway's environment starts the core", () => {
  it("the guide's, word for word", async () => {
    const env = environmentOf(parseObjects(guideText('gateway-deployment.yaml')), GATEWAY, SECRETS);
    expect(Object.keys(env)).toHaveLength(22);
    // There is no Redis of that name here; the core starts without one, and says so.
    expect(await readiness(env)).toMatchObject({ status: 'ready' });
  });

  it.skipIf(cannotRender()).each(['base', 'dev', 'production', 'tgi', 'llamacpp'] as const)(
    'and the core takes the one of %s',
    (layer) => {
      const env = environmentOf(render(layer), GATEWAY, SECRETS);
      expect(env['ISARTOR__REDIS_URL']).toBe('redis://:0123456789abcdef@redis.isartor:6379');
      const { host, port, redis } = configuration(env);
      expect({ host, port, redis }).toMatchObject({
        host: '0.0.0.0',
        port: 8080,
        redis: { url: 'redis://:0123456789abcdef@redis.isartor:6379' },
      });
    },
  );

  it.skipIf(cannotRender()).each(['keda', 'istio', 'gateway-api'] as const)(
    '%s has the same one as the base',
    (layer) => {
      const env = environmentOf(render(layer), GATEWAY, SECRETS);
      expect(env).toEqual(environmentOf(render('base'), GATEWAY, SECRETS));
    },
  );

  it.skipIf(cannotRender())('external-redis: exact entries go outside, vectors stay in the cluster', () => {
    const { redis, semanticCache } = configuration(environmentOf(render('external-redis'), GATEWAY, SECRETS));
    expect(redis).toMatchObject({ url: 'rediss://default:secret@database.example.com:6379' });
    expect(semanticCache).toMatchObject({ redis: { url: 'redis://:0123456789abcdef@redis.isartor:6379' } });
  });

  it.skipIf(cannotRender())('and refuses a wrong name in it', () => {
    const env = environmentOf(render('base'), GATEWAY, SECRETS);
    expect(() => configuration({ ...env, ISARTOR__CACHE_MODUS: 'both' })).toThrow('ISARTOR__CACHE_MODUS');
  });

  it.skipIf(cannotRender())('the production overlay has the semantic cache watch, and not serve', () => {
    expect(environmentOf(render('production'), GATEWAY, SECRETS)['ISARTOR__SEMANTIC_CACHE__MODE']).toBe('shadow');
    expect(environmentOf(render('base'), GATEWAY, SECRETS)['ISARTOR__SEMANTIC_CACHE__MODE']).toBeUndefined();
  });

  it.skipIf(cannotRender()).each(CONTAINERS)("%s: the gateway is told of the pool's server, %s", (_file, layer) => {
    expect(environmentOf(render(layer), GATEWAY, SECRETS)['ISARTOR__ROUTER_BACKEND']).toBe(layer);
  });
});

// The guide's other ways to say the same: pairs for the environment; the fragments of isartor.yaml are GUIDE_YAML.
const WORDS: Readonly<Record<string, string>> = {
  ISARTOR__CACHE_BACKEND: 'redis',
  ISARTOR__REDIS_URL: 'redis://redis-cluster.svc:6379',
  ISARTOR__ROUTER_BACKEND: 'vllm',
  ISARTOR__VLLM_URL: 'http://vllm-openai.svc:8000',
  ISARTOR__VLLM_MODEL: 'meta-llama/Llama-3-8B-Instruct',
};
const KEYS = { ISARTOR__GATEWAY_API_KEY: 'your-production-key', ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-...' };

describe("the guide's Redis and vLLM configuration starts the core", () => {
  it('as environment variables', async () => {
    expect(await readiness({ ...KEYS, ...WORDS })).toMatchObject({ status: 'ready' });
  });

  it.each([GUIDE_YAML, GUIDE_YAML.replace('# Optional: redis_db: 0', 'redis_db: 0')])(
    'as isartor.yaml %#',
    async (text) => {
      const folder = mkdtempSync(join(tmpdir(), 'isartor-guide-'));
      try {
        const file = join(folder, 'isartor.yaml');
        writeFileSync(file, text);
        // That there is a Redis to ask, and none of that name here: the file was read.
        expect(await readiness({ ...KEYS, ISARTOR_CONFIG: file })).toMatchObject({
          status: 'ready',
          checks: { exact_cache: { status: 'down' } },
        });
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
