import { expect, test } from 'vitest';
import { GUIDE } from '../../test/support/guide-environment.ts';
import { GUIDE_YAML } from '../../test/support/guide-yaml.ts';
import { loadConfig } from './load-config.ts';

test("the guide's gateway environment starts, and every value of it arrives", () => {
  const { config } = loadConfig({ env: GUIDE });
  expect(config).toMatchObject({
    host: '0.0.0.0',
    port: 8080,
    metricsPort: 9464,
    auth: { mode: 'on', keys: [{ tenant: 'default', name: 'gateway', cache: 'both' }] },
    cache: { mode: 'both', backend: 'redis', ttlSecs: 300, maxCapacity: 50_000 },
    redis: { url: 'redis://redis.isartor:6379', db: 0, timeoutMs: 100 },
    semanticCache: { mode: 'shadow', similarityThreshold: 0.85 },
    embeddingSidecar: { url: 'http://isartor-embedding:8082', model: 'all-minilm', timeoutSecs: 10 },
    smallModel: {
      backend: 'vllm',
      urls: ['http://isartor-inference:8081'],
      model: 'gemma-2-2b-it',
      timeoutSecs: 30,
      replaces: ['gpt-4o-mini'],
    },
    llm: { provider: 'openai', url: 'https://api.openai.com/v1', model: 'gpt-4o-mini', apiKey: 'sk-production' },
    monitoring: { enabled: true, otelEndpoint: 'http://otel-collector.isartor:4317' },
  });
});

test("the guide's two model names are one setting: the start warns, names both, and VLLM_MODEL wins", () => {
  expect(loadConfig({ env: GUIDE }).warnings).toEqual([
    'ISARTOR__VLLM_MODEL "gemma-2-2b-it" and ISARTOR__LAYER2__MODEL_NAME "phi-3-mini" set the same thing: ISARTOR__VLLM_MODEL wins',
  ]);
});

test("the guide's YAML for Redis and for vLLM says the same as its environment", () => {
  const { config } = loadConfig({
    env: { ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__EXTERNAL_LLM_API_KEY: 'p' },
    yamlText: GUIDE_YAML,
  });
  expect(config.cache.backend).toBe('redis');
  expect(config.redis).toEqual({ url: 'redis://redis-cluster.svc:6379', db: 0, timeoutMs: 100 });
  expect(config.smallModel).toMatchObject({
    backend: 'vllm',
    urls: ['http://vllm-openai.svc:8000'],
    model: 'meta-llama/Llama-3-8B-Instruct',
  });
});
