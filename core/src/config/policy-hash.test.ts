import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../sha256-hex.ts';
import { SETTING_ROWS, type SettingKey } from './config.schema.ts';
import { loadConfig } from './load-config.ts';
import { policyHash } from './policy-hash.ts';

const BASE = {
  ISARTOR__GATEWAY_API_KEY: 'k',
  ISARTOR__EDGE_SECRET: 's',
  ISARTOR__EXTERNAL_LLM_URL: 'http://llm:8000/v1',
  ISARTOR__EXTERNAL_LLM_API_KEY: 'p',
  ISARTOR__ROUTER_BACKEND: 'vllm',
  ISARTOR__VLLM_URL: 'http://pool:8081',
  ISARTOR__VLLM_MODEL: 'phi',
};

const hashOf = (env: Readonly<Record<string, string>>): string =>
  policyHash(loadConfig({ env: { ...BASE, ...env } }).config, sha256Hex);

const before = hashOf({});

const DECIDING: readonly (readonly [SettingKey, string, string])[] = [
  ['externalLlmUrl', 'ISARTOR__EXTERNAL_LLM_URL', 'http://llm:8001/v1'],
  ['externalLlmModel', 'ISARTOR__EXTERNAL_LLM_MODEL', 'gpt-4o'],
  ['l3Providers', 'ISARTOR__L3__PROVIDERS', '[{"name":"a","url":"http://llm:8001/v1","model":"gpt-4o-mini"}]'],
  ['l3Routes', 'ISARTOR__L3__ROUTES', '[{"model":"fast","to":[{"provider":"openai","model":"gpt-4o"}]}]'],
  ['routerBackend', 'ISARTOR__ROUTER_BACKEND', 'tgi'],
  ['smallModelUrl', 'ISARTOR__VLLM_URL', 'http://pool:8082'],
  ['smallModelName', 'ISARTOR__VLLM_MODEL', 'gemma'],
  ['smallModelReplaces', 'ISARTOR__LAYER2__REPLACES', 'gpt-4o-mini,gpt-4o'],
  ['smallModelDecide', 'ISARTOR__LAYER2__DECIDE', 'always'],
  ['smallModelThreshold', 'ISARTOR__LAYER2__THRESHOLD', '0.8'],
  ['smallModelLeastConfidence', 'ISARTOR__LAYER2__LEAST_CONFIDENCE', '0.6'],
  ['smallModelRoutes', 'ISARTOR__LAYER2__ROUTES', '[{"decide":"l3"}]'],
];

const NOT_DECIDING: readonly (readonly [SettingKey, string, string])[] = [
  ['keyOrder', 'ISARTOR__L3__KEY_ORDER', 'priority'],
  ['usageKeepDays', 'ISARTOR__USAGE__KEEP_DAYS', '90'],
  ['prices', 'ISARTOR__PRICES', '{"gpt-4o":{"input":1,"output":2}}'],
  ['smallModelDeadlineShare', 'ISARTOR__LAYER2__DEADLINE_SHARE', '0.5'],
  ['smallModelRecordShare', 'ISARTOR__LAYER2__RECORD_SHARE', '0.5'],
  ['smallModelMaxOutstanding', 'ISARTOR__LAYER2__MAX_OUTSTANDING', '9'],
  ['smallModelAgreementShare', 'ISARTOR__LAYER2__AGREEMENT_SHARE', '0.2'],
  ['smallModelMaxQueued', 'ISARTOR__LAYER2__MAX_QUEUED', '3'],
  ['smallModelWakeWaitMs', 'ISARTOR__LAYER2__WAKE_WAIT_MS', '500'],
  ['embeddedModelFile', 'ISARTOR__LAYER2__EMBEDDED__MODEL_FILE', '/m.gguf'],
  ['embeddedPackageDir', 'ISARTOR__LAYER2__EMBEDDED__PACKAGE_DIR', '/opt'],
  ['embeddedGpu', 'ISARTOR__LAYER2__EMBEDDED__GPU', 'true'],
  ['embeddedThreads', 'ISARTOR__LAYER2__EMBEDDED__THREADS', '3'],
  ['embeddedContextTokens', 'ISARTOR__LAYER2__EMBEDDED__CONTEXT_TOKENS', '2048'],
  ['embeddedParallel', 'ISARTOR__LAYER2__EMBEDDED__PARALLEL', '4'],
  ['smallModelDiscovery', 'ISARTOR__LAYER2__DISCOVERY', 'dns'],
  ['smallModelApiKey', 'ISARTOR__LAYER2__API_KEY', 'pool-key'],
  ['hostPort', 'ISARTOR__HOST_PORT', '127.0.0.1:1234'],
  ['metricsPort', 'ISARTOR__METRICS_PORT', '0'],
  ['shutdownGraceSecs', 'ISARTOR__SHUTDOWN_GRACE_SECS', '1'],
  ['corsOrigins', 'ISARTOR__CORS_ORIGINS', '*'],
  ['logLevel', 'ISARTOR__LOG_LEVEL', 'debug'],
  ['enableMonitoring', 'ISARTOR__ENABLE_MONITORING', 'true'],
  ['otelExporterEndpoint', 'ISARTOR__OTEL_EXPORTER_ENDPOINT', 'http://collector:4317'],
  ['otelExporterProtocol', 'ISARTOR__OTEL_EXPORTER_PROTOCOL', 'http/protobuf'],
  ['otelExporterHeaders', 'ISARTOR__OTEL_EXPORTER_HEADERS', 'authorization=Bearer x'],
  ['otelSampleRatio', 'ISARTOR__OTEL_SAMPLE_RATIO', '0.5'],
  ['otelTracesPerSecond', 'ISARTOR__OTEL_TRACES_PER_SECOND', '5'],
  ['recordDir', 'ISARTOR__REQUEST_LOG__DIR', 'records'],
  ['recordMask', 'ISARTOR__REQUEST_LOG__MASK', 'false'],
  ['recordTextBytes', 'ISARTOR__REQUEST_LOG__TEXT_BYTES', '1 KiB'],
  ['recordFileBytes', 'ISARTOR__REQUEST_LOG__FILE_BYTES', '1 MiB'],
  ['recordTotalBytes', 'ISARTOR__REQUEST_LOG__TOTAL_BYTES', '8 MiB'],
  ['recordKeepDays', 'ISARTOR__REQUEST_LOG__KEEP_DAYS', '3'],
  ['gatewayApiKey', 'ISARTOR__GATEWAY_API_KEY', 'k2'],
  ['authKeys', 'ISARTOR__AUTH__KEYS', `[{"tenant":"a","name":"a","sha256":"${'a'.repeat(64)}"}]`],
  ['authMode', 'ISARTOR__AUTH__MODE', 'off'],
  ['edgeSecret', 'ISARTOR__EDGE_SECRET', 's2'],
  ['edgeOnly', 'ISARTOR__EDGE_ONLY', 'true'],
  ['adminKey', 'ISARTOR__ADMIN_KEY', 'admin'],
  ['cacheMode', 'ISARTOR__CACHE_MODE', 'exact'],
  ['cacheBackend', 'ISARTOR__CACHE_BACKEND', 'redis'],
  ['redisUrl', 'ISARTOR__REDIS_URL', 'redis://:password@elsewhere:6379'],
  ['redisDb', 'ISARTOR__REDIS_DB', '4'],
  ['redisTimeoutMs', 'ISARTOR__REDIS_TIMEOUT_MS', '1'],
  ['cacheTtlSecs', 'ISARTOR__CACHE_TTL_SECS', '1'],
  ['cacheStaleSecs', 'ISARTOR__CACHE_STALE_SECS', '1'],
  ['cacheMaxCapacity', 'ISARTOR__CACHE_MAX_CAPACITY', '1'],
  ['cacheMaxBytes', 'ISARTOR__CACHE_MAX_BYTES', '1'],
  ['cacheNamespace', 'ISARTOR__CACHE_NAMESPACE', 'other'],
  ['cacheShareUsers', 'ISARTOR__CACHE_SHARE_USERS', 'true'],
  ['cacheSampled', 'ISARTOR__CACHE_SAMPLED', 'false'],
  ['similarityThreshold', 'ISARTOR__SIMILARITY_THRESHOLD', '0.9'],
  ['semanticMode', 'ISARTOR__SEMANTIC_CACHE__MODE', 'serve'],
  ['semanticPoint', 'ISARTOR__SEMANTIC_CACHE__POINT', 'loose'],
  ['semanticEmbedder', 'ISARTOR__SEMANTIC_CACHE__EMBEDDER', 'builtin'],
  ['semanticModelDir', 'ISARTOR__SEMANTIC_CACHE__MODEL_DIR', '/m'],
  ['semanticRepeatedOnly', 'ISARTOR__SEMANTIC_CACHE__REPEATED_ONLY', 'true'],
  ['semanticVolatile', 'ISARTOR__SEMANTIC_CACHE__VOLATILE', 'lunch'],
  ['semanticTimeoutMs', 'ISARTOR__SEMANTIC_CACHE__TIMEOUT_MS', '500'],
  ['semanticIndex', 'ISARTOR__SEMANTIC_CACHE__INDEX', 'memory'],
  ['semanticLogPairs', 'ISARTOR__SEMANTIC_CACHE__LOG_PAIRS', 'true'],
  ['semanticRedisUrl', 'ISARTOR__SEMANTIC_CACHE__REDIS_URL', 'redis://vectors:6379'],
  ['embeddingSidecarUrl', 'ISARTOR__EMBEDDING_SIDECAR__SIDECAR_URL', 'http://embedding:8082'],
  ['embeddingSidecarModel', 'ISARTOR__EMBEDDING_SIDECAR__MODEL_NAME', 'all-minilm'],
  ['embeddingSidecarTimeoutSecs', 'ISARTOR__EMBEDDING_SIDECAR__TIMEOUT_SECONDS', '1'],
  ['smallModelTimeoutSecs', 'ISARTOR__LAYER2__TIMEOUT_SECONDS', '1'],
  ['externalLlmApiKey', 'ISARTOR__EXTERNAL_LLM_API_KEY', 'p2'],
  ['externalLlmAskUsage', 'ISARTOR__EXTERNAL_LLM_ASK_USAGE', 'false'],
  ['retryMaxCalls', 'ISARTOR__L3__RETRY__MAX_CALLS', '1'],
  ['retryBaseWaitMs', 'ISARTOR__L3__RETRY__BASE_WAIT_MS', '1'],
  ['retryMaxWaitSecs', 'ISARTOR__L3__RETRY__MAX_WAIT_SECS', '1'],
  ['breakerFailures', 'ISARTOR__L3__BREAKER__FAILURES', '1'],
  ['breakerOpenSecs', 'ISARTOR__L3__BREAKER__OPEN_SECS', '1'],
  ['firstByteSecs', 'ISARTOR__CLOCKS__FIRST_BYTE_SECS', '1'],
  ['betweenBytesSecs', 'ISARTOR__CLOCKS__BETWEEN_BYTES_SECS', '1'],
  ['streamSecs', 'ISARTOR__CLOCKS__STREAM_SECS', '1'],
  ['plainSecs', 'ISARTOR__CLOCKS__PLAIN_SECS', '1'],
  ['maxInflightBytes', 'ISARTOR__MAX_INFLIGHT_BYTES', '1'],
  ['maxInflightRequests', 'ISARTOR__MAX_INFLIGHT_REQUESTS', '1'],
  ['bodyBytes', 'ISARTOR__LIMITS__BODY_BYTES', '1'],
  ['bodySecs', 'ISARTOR__LIMITS__BODY_SECS', '1'],
  ['bodyMinBytesPerSec', 'ISARTOR__LIMITS__BODY_MIN_BYTES_PER_SEC', '1'],
  ['headerSecs', 'ISARTOR__LIMITS__HEADER_SECS', '1'],
  ['headerBytes', 'ISARTOR__LIMITS__HEADER_BYTES', '2048'],
];

describe('the policy hash', () => {
  test.each(DECIDING)('changes with %s', (_key, env, value) => {
    expect(hashOf({ [env]: value })).not.toBe(before);
  });

  test('changes with the provider', () => {
    const { config } = loadConfig({ env: BASE });
    expect(policyHash({ ...config, llm: { ...config.llm, provider: 'azure' } }, sha256Hex)).not.toBe(before);
  });

  test.each(NOT_DECIDING)('does not change with %s', (_key, env, value) => {
    expect(loadConfig({ env: { ...BASE, [env]: value } }).config).not.toEqual(loadConfig({ env: BASE }).config);
    expect(hashOf({ [env]: value })).toBe(before);
  });

  test('looks at the address, the model and the API of every provider and at their order, and not at their names, keys and shares', () => {
    const a = { name: 'a', url: 'http://a/v1', model: 'one' };
    const b = { name: 'b', url: 'http://b/v1', model: 'two' };
    const hashOfList = (...list: readonly object[]): string => hashOf({ ISARTOR__L3__PROVIDERS: JSON.stringify(list) });
    const hashes = [
      hashOfList(a),
      hashOfList(a, b),
      hashOfList(b, a),
      hashOfList(a, { ...b, url: 'http://c/v1' }),
      hashOfList(a, { ...b, model: 'three' }),
      hashOfList(a, { ...b, dialect: 'anthropic' }),
      hashOfList({ ...a, dialect: 'anthropic' }),
      hashOfList({ ...a, preset: 'azure', api_version: '2024-10-21' }),
      hashOfList({ ...a, preset: 'azure', api_version: '2025-01-01' }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashOfList({ ...a, name: 'x', key: 'k', weight: 3, ask_usage: false, timeouts: {} }, b)).toBe(hashes[1]);
    expect(hashOfList({ name: 'x', url: BASE.ISARTOR__EXTERNAL_LLM_URL, model: 'gpt-4o-mini' })).toBe(before);
  });

  test('has a verdict on every setting', () => {
    const judged = [...DECIDING, ...NOT_DECIDING].map(([key]) => key);
    expect([...judged, 'llmProvider'].toSorted()).toEqual(SETTING_ROWS.map(([key]) => key).toSorted());
  });

  test('tells no two deciding settings from each other by concatenation, and does not look at the order of a list', () => {
    const hashes = DECIDING.filter(
      ([key]) => key !== 'l3Providers' && key !== 'l3Routes' && key !== 'smallModelRoutes',
    ).map(([, env]) =>
      hashOf({
        [env]: env.endsWith('URL')
          ? 'http://same/v1'
          : env.endsWith('BACKEND')
            ? 'tgi'
            : env.endsWith('DECIDE')
              ? 'always'
              : /THRESHOLD|CONFIDENCE$/.test(env)
                ? '0.7'
                : 'same',
      }),
    );
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashOf({ ISARTOR__LAYER2__REPLACES: 'a,b' })).toBe(hashOf({ ISARTOR__LAYER2__REPLACES: 'b,a' }));
  });

  test('changes with the weights of a model in process', () => {
    const hashes = ['/a.gguf', '/b.gguf'].map((file) =>
      hashOf({ ISARTOR__ROUTER_BACKEND: 'embedded', ISARTOR__LAYER2__EMBEDDED__MODEL_FILE: file }),
    );
    expect(new Set([...hashes, before]).size).toBe(3);
  });

  test('without a small model, its settings decide nothing', () => {
    const off = hashOf({ ISARTOR__ROUTER_BACKEND: 'none' });
    expect(off).not.toBe(before);
    for (const [, env, value] of DECIDING.filter(([key]) => key.startsWith('smallModel'))) {
      expect({ env, hash: hashOf({ ISARTOR__ROUTER_BACKEND: 'none', [env]: value }) }).toEqual({ env, hash: off });
    }
  });

  test('is the hash function’s own text, of a text without any secret', () => {
    const hashed: string[] = [];
    const env = { ...BASE, ISARTOR__EXTERNAL_LLM_API_KEY: 'provider-secret', ISARTOR__EDGE_SECRET: 'edge-secret' };
    const hash = policyHash(loadConfig({ env }).config, (text) => {
      hashed.push(text);
      return 'digest';
    });
    expect(hash).toBe('digest');
    expect(hashed).toEqual([
      '[1,["openai","http://llm:8000/v1","gpt-4o-mini"],["vllm",["http://pool:8081"],"phi",["gpt-4o-mini"],"probe",0.5]]',
    ]);
  });
});
