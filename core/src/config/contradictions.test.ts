import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../sha256-hex.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';

type Env = Readonly<Record<string, string>>;

/** Starts without a warning. */
const RIGHT: Env = { ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__EXTERNAL_LLM_API_KEY: 'p' };
const keysOf = (tenant: string, plain: string): string =>
  JSON.stringify([{ tenant, name: 'one', sha256: sha256Hex(plain) }]);

function outcome(env: Env): { faults: readonly string[]; warnings: readonly string[] } {
  try {
    return { faults: [], warnings: loadConfig({ env }).warnings };
  } catch (error) {
    if (error instanceof ConfigError) return { faults: error.faults, warnings: [] };
    throw error;
  }
}

/** Each row: what is wrong together, the whole line, and the change that the line advises, after which it starts. */
const FAULTS: readonly (readonly [name: string, env: Env, line: string, remedy: Env])[] = [
  [
    'no key at all',
    { ISARTOR__GATEWAY_API_KEY: '' },
    'ISARTOR__GATEWAY_API_KEY: no key is configured, so nobody could call; set it (or ISARTOR__GATEWAY_API_KEY_FILE, or ISARTOR__AUTH__KEYS), or set ISARTOR__AUTH__MODE=off to let everyone in',
    { ISARTOR__AUTH__MODE: 'off' },
  ],
  [
    'an empty list of keys',
    { ISARTOR__GATEWAY_API_KEY: '', ISARTOR__AUTH__KEYS: '[]' },
    'ISARTOR__GATEWAY_API_KEY: no key is configured, so nobody could call; set it (or ISARTOR__GATEWAY_API_KEY_FILE, or ISARTOR__AUTH__KEYS), or set ISARTOR__AUTH__MODE=off to let everyone in',
    { ISARTOR__AUTH__KEYS: keysOf('acme', 'one') },
  ],
  [
    'the gateway key given to another tenant',
    { ISARTOR__AUTH__KEYS: keysOf('acme', 'k') },
    'ISARTOR__AUTH__KEYS: gives the key of ISARTOR__GATEWAY_API_KEY (tenant default) to another tenant too; make a new key for one of them',
    { ISARTOR__AUTH__KEYS: keysOf('acme', 'new') },
  ],
  [
    'the admin key is the gateway key',
    { ISARTOR__ADMIN_KEY: 'k' },
    'ISARTOR__ADMIN_KEY: is also the key of a caller; make a key of its own',
    { ISARTOR__ADMIN_KEY: 'own' },
  ],
  [
    "the admin key is a tenant's key",
    { ISARTOR__ADMIN_KEY: 'x', ISARTOR__AUTH__KEYS: keysOf('acme', 'x') },
    'ISARTOR__ADMIN_KEY: is also the key of a caller; make a key of its own',
    { ISARTOR__ADMIN_KEY: 'own' },
  ],
  [
    'edge only without a secret',
    { ISARTOR__EDGE_ONLY: 'true' },
    'ISARTOR__EDGE_ONLY: true refuses every caller as long as there is no secret to prove; set ISARTOR__EDGE_SECRET, at the edge too',
    { ISARTOR__EDGE_SECRET: 's' },
  ],
  [
    'metrics on the port of the API',
    { ISARTOR__HOST_PORT: '0.0.0.0:9464' },
    'ISARTOR__METRICS_PORT: 9464 is also the port of ISARTOR__HOST_PORT; choose another, or 0 for none',
    { ISARTOR__METRICS_PORT: '0' },
  ],
  [
    'a database of a Cluster',
    { ISARTOR__CACHE_BACKEND: 'redis', ISARTOR__REDIS_URL: 'redis+cluster://a:6379', ISARTOR__REDIS_DB: '1' },
    'ISARTOR__REDIS_DB: a Cluster has database 0 alone; leave it out, or give ISARTOR__REDIS_URL another address',
    { ISARTOR__REDIS_DB: '0' },
  ],
  [
    'an embedding server without an address',
    { ISARTOR__SEMANTIC_CACHE__EMBEDDER: 'sidecar' },
    'ISARTOR__SEMANTIC_CACHE__EMBEDDER: "sidecar" needs the address of an embedding server; set ISARTOR__EMBEDDING_SIDECAR__SIDECAR_URL, or choose auto',
    { ISARTOR__EMBEDDING_SIDECAR__SIDECAR_URL: 'http://embedding:8082' },
  ],
  ...['vllm', 'tgi', 'llamacpp', 'openai'].map(
    (backend) =>
      [
        `${backend} without an address`,
        { ISARTOR__ROUTER_BACKEND: backend },
        `ISARTOR__ROUTER_BACKEND: "${backend}" needs the address of its server; set ISARTOR__VLLM_URL, or choose none`,
        { ISARTOR__VLLM_URL: 'http://pool:8081' },
      ] as const,
  ),
  [
    'a small model in process',
    { ISARTOR__ROUTER_BACKEND: 'embedded' },
    'ISARTOR__ROUTER_BACKEND: "embedded" needs the weights; set ISARTOR__LAYER2__EMBEDDED__MODEL_FILE to a GGUF file, or choose none',
    { ISARTOR__ROUTER_BACKEND: 'none' },
  ],
  [
    'confidence asked of a small model in process',
    {
      ISARTOR__ROUTER_BACKEND: 'embedded',
      ISARTOR__LAYER2__EMBEDDED__MODEL_FILE: '/m.gguf',
      ISARTOR__LAYER2__LEAST_CONFIDENCE: '0.5',
    },
    'ISARTOR__LAYER2__LEAST_CONFIDENCE: the model in process does not tell how sure it is; set 0, or choose another ISARTOR__ROUTER_BACKEND',
    { ISARTOR__LAYER2__LEAST_CONFIDENCE: '0' },
  ],
  [
    'a pool by its addresses that asks for certificates',
    { ISARTOR__LAYER2__DISCOVERY: 'dns', ISARTOR__VLLM_URL: 'https://pool' },
    'ISARTOR__LAYER2__DISCOVERY: "dns" asks each server by its bare address, for which no certificate is made out; use http, or list the servers by name',
    { ISARTOR__LAYER2__DISCOVERY: 'url' },
  ],
  [
    'a cloud without an address',
    { ISARTOR__LLM_PROVIDER: 'azure', ISARTOR__EXTERNAL_LLM_MODEL: 'my-deployment' },
    "ISARTOR__EXTERNAL_LLM_URL: azure has an address of each customer's own; set it, such as https://RESOURCE.openai.azure.com/openai/v1",
    { ISARTOR__EXTERNAL_LLM_URL: 'https://mine.openai.azure.com/openai/v1' },
  ],
  [
    'an address of Bedrock that tells no region',
    {
      ISARTOR__LLM_PROVIDER: 'bedrock',
      ISARTOR__EXTERNAL_LLM_MODEL: 'm',
      ISARTOR__EXTERNAL_LLM_URL: 'https://proxy.example',
    },
    'ISARTOR__EXTERNAL_LLM_URL: tells no region of Bedrock\'s; describe the provider in ISARTOR__L3__PROVIDERS instead, with its "region"',
    { ISARTOR__EXTERNAL_LLM_URL: 'https://bedrock-runtime.eu-central-1.amazonaws.com' },
  ],
  [
    'a key of a cloud that takes none',
    {
      ISARTOR__LLM_PROVIDER: 'vertex',
      ISARTOR__EXTERNAL_LLM_MODEL: 'gemini-2.5-flash',
      ISARTOR__EXTERNAL_LLM_URL: 'https://aiplatform.googleapis.com/v1/projects/p/locations/global',
    },
    "ISARTOR__EXTERNAL_LLM_API_KEY: vertex takes no key; leave it out: the workload's own identity is used",
    { ISARTOR__EXTERNAL_LLM_API_KEY: '' },
  ],
  [
    'no provider key',
    { ISARTOR__EXTERNAL_LLM_API_KEY: '' },
    'ISARTOR__EXTERNAL_LLM_API_KEY: api.openai.com needs a key; set it (or ISARTOR__EXTERNAL_LLM_API_KEY_FILE), or set ISARTOR__EXTERNAL_LLM_URL to a server that needs none',
    { ISARTOR__EXTERNAL_LLM_URL: 'http://llm:8000/v1' },
  ],
  [
    'no provider key for Anthropic',
    { ISARTOR__EXTERNAL_LLM_API_KEY: '', ISARTOR__LLM_PROVIDER: 'anthropic' },
    'ISARTOR__EXTERNAL_LLM_API_KEY: api.anthropic.com needs a key; set it (or ISARTOR__EXTERNAL_LLM_API_KEY_FILE), or set ISARTOR__EXTERNAL_LLM_URL to a server that needs none',
    { ISARTOR__EXTERNAL_LLM_API_KEY: 'p' },
  ],
  [
    'no provider key for a preset',
    { ISARTOR__EXTERNAL_LLM_API_KEY: '', ISARTOR__LLM_PROVIDER: 'mistral' },
    'ISARTOR__EXTERNAL_LLM_API_KEY: api.mistral.ai needs a key; set it (or ISARTOR__EXTERNAL_LLM_API_KEY_FILE), or set ISARTOR__EXTERNAL_LLM_URL to a server that needs none',
    { ISARTOR__EXTERNAL_LLM_API_KEY: 'p' },
  ],
  [
    'no model of a preset that has none of its own',
    { ISARTOR__LLM_PROVIDER: 'groq' },
    'ISARTOR__EXTERNAL_LLM_MODEL: groq has no model that is asked where none is named; set it to one of its models',
    { ISARTOR__EXTERNAL_LLM_MODEL: 'llama-3.3-70b-versatile' },
  ],
  [
    "no provider key for the provider's own address, written out",
    { ISARTOR__EXTERNAL_LLM_API_KEY: '', ISARTOR__EXTERNAL_LLM_URL: 'https://API.openai.com:443/v1' },
    'ISARTOR__EXTERNAL_LLM_API_KEY: api.openai.com needs a key; set it (or ISARTOR__EXTERNAL_LLM_API_KEY_FILE), or set ISARTOR__EXTERNAL_LLM_URL to a server that needs none',
    { ISARTOR__EXTERNAL_LLM_API_KEY: 'p' },
  ],
  [
    'vectors in Redis of answers in memory',
    { ISARTOR__SEMANTIC_CACHE__INDEX: 'redis', ISARTOR__CACHE_BACKEND: 'memory' },
    'ISARTOR__SEMANTIC_CACHE__INDEX: vectors in Redis point at answers that each process keeps in its own memory; set ISARTOR__CACHE_BACKEND to redis, or choose auto',
    { ISARTOR__CACHE_BACKEND: 'redis' },
  ],
];

const WARNINGS: readonly (readonly [name: string, env: Env, line: string])[] = [
  [
    'keys that are not asked for',
    { ISARTOR__AUTH__MODE: 'off' },
    'ISARTOR__AUTH__MODE: off, so the configured keys are not asked for and everyone is tenant default',
  ],
  [
    'a Redis that the exact cache does not use',
    { ISARTOR__CACHE_BACKEND: 'memory', ISARTOR__REDIS_URL: 'redis://redis:6379' },
    'ISARTOR__REDIS_URL: not used for the exact cache, whose backend is memory; set ISARTOR__CACHE_BACKEND=redis to share it',
  ],
  [
    'two databases',
    { ISARTOR__CACHE_BACKEND: 'redis', ISARTOR__REDIS_URL: 'redis://redis:6379/1', ISARTOR__REDIS_DB: '2' },
    'ISARTOR__REDIS_DB (2) and the database in ISARTOR__REDIS_URL (1) differ: ISARTOR__REDIS_DB wins',
  ],
  [
    'a semantic cache that is to serve and is not there',
    { ISARTOR__CACHE_MODE: 'exact', ISARTOR__SEMANTIC_CACHE__MODE: 'serve' },
    'ISARTOR__SEMANTIC_CACHE__MODE: serve, but ISARTOR__CACHE_MODE is exact, so there is no semantic cache (L1b); set it to both',
  ],
  [
    'a model beside the built-in one',
    { ISARTOR__SEMANTIC_CACHE__EMBEDDER: 'builtin', ISARTOR__SEMANTIC_CACHE__MODEL_DIR: '/models' },
    'ISARTOR__SEMANTIC_CACHE__MODEL_DIR: not used, because ISARTOR__SEMANTIC_CACHE__EMBEDDER is builtin; set it to auto to use the folder',
  ],
];

test('a right configuration has neither faults nor warnings', () => {
  expect(outcome(RIGHT)).toEqual({ faults: [], warnings: [] });
});

describe('faults', () => {
  test.each(FAULTS)('%s: stops the start with one line, and its remedy helps', (_name, env, line, remedy) => {
    expect(outcome({ ...RIGHT, ...env })).toEqual({ faults: [line], warnings: [] });
    expect(outcome({ ...RIGHT, ...env, ...remedy }).faults).toEqual([]);
  });

  test('a setting that is faulty by itself is not said to contradict another', () => {
    const env = { ...RIGHT, ISARTOR__EDGE_ONLY: 'true', ISARTOR__EDGE_SECRET: 'two words' };
    expect(outcome(env).faults).toEqual([
      'ISARTOR__EDGE_SECRET: (a text of 9 characters) is not usable; write 1 to 512 printable ASCII characters without spaces (a number in YAML goes into quotes)',
    ]);
  });
});

describe('warnings', () => {
  test.each(WARNINGS)('%s: starts, with one line', (_name, env, line) => {
    expect(outcome({ ...RIGHT, ...env })).toEqual({ faults: [], warnings: [line] });
  });

  test('the database in the address is used where no other is named', () => {
    const env = { ...RIGHT, ISARTOR__CACHE_BACKEND: 'redis', ISARTOR__REDIS_URL: 'redis://redis:6379/5' };
    expect(loadConfig({ env }).config.redis).toEqual({ url: 'redis://redis:6379', db: 5, timeoutMs: 100 });
  });
});
