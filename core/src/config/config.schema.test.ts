import { expect, test } from 'vitest';
import { Document } from 'yaml';
import { SETTING_ROWS, WORKER_ONLY_ENV, type SettingKey } from './config.schema.ts';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';
import { envNames, yamlNames } from './setting.ts';
import { fileNameOf } from './source.ts';

/** A value for each setting that differs from its default, as text. */
const OTHER_VALUE: Readonly<Record<SettingKey, string>> = {
  hostPort: '127.0.0.1:9090',
  metricsPort: '9465',
  shutdownGraceSecs: '5',
  corsOrigins: 'https://app.example.com',
  logLevel: 'debug',
  enableMonitoring: 'true',
  otelExporterEndpoint: 'http://collector:4317',
  otelExporterProtocol: 'http/protobuf',
  otelExporterHeaders: 'authorization=Bearer collector-secret',
  otelSampleRatio: '0.25',
  otelTracesPerSecond: '20',
  recordDir: 'records',
  recordMask: 'false',
  recordTextBytes: '1 KiB',
  recordFileBytes: '1 MiB',
  recordTotalBytes: '8 MiB',
  recordKeepDays: '3',
  gatewayApiKey: 'another-key',
  authKeys: JSON.stringify([{ tenant: 'acme', name: 'a', sha256: 'a'.repeat(64) }]),
  authMode: 'off',
  edgeSecret: 'edge-secret',
  edgeOnly: 'true',
  adminKey: 'admin-key',
  cacheMode: 'exact',
  cacheBackend: 'redis',
  redisUrl: 'redis://elsewhere:6380',
  redisDb: '3',
  redisTimeoutMs: '50',
  cacheTtlSecs: '60',
  cacheStaleSecs: '7200',
  cacheMaxCapacity: '1000',
  cacheMaxBytes: '1 MiB',
  cacheNamespace: 'other',
  cacheShareUsers: 'true',
  cacheSampled: 'false',
  similarityThreshold: '0.9',
  semanticMode: 'serve',
  semanticPoint: 'loose',
  semanticEmbedder: 'builtin',
  semanticModelDir: '/models/minilm',
  semanticRepeatedOnly: 'true',
  semanticTimeoutMs: '500',
  semanticVolatile: 'x',
  semanticIndex: 'memory',
  semanticLogPairs: 'true',
  semanticRedisUrl: 'redis://vectors:6379/1',
  embeddingSidecarUrl: 'http://embedding:8082',
  embeddingSidecarModel: 'all-minilm',
  embeddingSidecarTimeoutSecs: '3',
  routerBackend: 'tgi',
  smallModelUrl: 'http://pool:8081',
  smallModelName: 'phi',
  smallModelTimeoutSecs: '7',
  smallModelDeadlineShare: '0.5',
  smallModelDecide: 'always',
  smallModelThreshold: '0.8',
  smallModelLeastConfidence: '0.6',
  smallModelRoutes: JSON.stringify([{ tenant: 'acme', decide: 'l3' }]),
  smallModelRecordShare: '0.2',
  smallModelMaxOutstanding: '9',
  smallModelAgreementShare: '0.2',
  smallModelMaxQueued: '3',
  smallModelWakeWaitMs: '500',
  smallModelDiscovery: 'dns',
  smallModelApiKey: 'pool-key',
  embeddedModelFile: '/models/small.gguf',
  embeddedPackageDir: '/opt/llama',
  embeddedGpu: 'true',
  embeddedThreads: '3',
  embeddedContextTokens: '2048',
  embeddedParallel: '4',
  smallModelReplaces: 'gpt-4o,gpt-4o-mini',
  llmProvider: 'anthropic',
  externalLlmUrl: 'http://llm:8000/v1',
  externalLlmModel: 'gpt-4o',
  externalLlmApiKey: 'other-provider-key',
  externalLlmAskUsage: 'false',
  l3Routes: JSON.stringify([{ model: 'fast', to: [{ provider: 'openai', model: 'gpt-4o' }] }]),
  keyOrder: 'priority',
  prices: JSON.stringify({ 'my-model': { input: 1, output: 2.5, cached_input: 0.5 } }),
  usageKeepDays: '90',
  l3Providers: JSON.stringify([{ name: 'a', url: 'http://a/v1', model: 'm' }]),
  retryMaxCalls: '2',
  retryBaseWaitMs: '0',
  retryMaxWaitSecs: '1.5',
  breakerFailures: '2',
  breakerOpenSecs: '0.5',
  firstByteSecs: '1',
  betweenBytesSecs: '2',
  streamSecs: '3',
  plainSecs: '4',
  maxInflightBytes: '64Mi',
  maxInflightRequests: '10',
  bodyBytes: '1024',
  bodySecs: '0.5',
  bodyMinBytesPerSec: '0',
  headerSecs: '1.5',
  headerBytes: '64KiB',
};

/** What a start needs, and what the other settings need beside them. */
const BASE: readonly (readonly [SettingKey, path: string, value: string])[] = [
  ['gatewayApiKey', 'gateway_api_key', 'k'],
  ['externalLlmApiKey', 'external_llm.api_key', 'p'],
  ['edgeSecret', 'edge_secret', 'base-secret'],
  ['smallModelUrl', 'slm_router.remote_url', 'http://base:8081'],
];

type ReadFile = (path: string) => string;

function fromEnvironment(env: Readonly<Record<string, string>>, readFile: ReadFile = () => '') {
  const yamlText = yamlOf(BASE.map(([, path, value]) => [path, value]));
  return loadConfig({ env, yamlText, readFile }).config;
}

/** Everything from the file; the setting under test stands in for the base's own value of it. */
function fromFile(key: SettingKey, path: string, value: string, readFile: ReadFile = () => '') {
  const others = BASE.filter(([other]) => other !== key).map(([, ...entry]) => entry);
  return loadConfig({ env: {}, yamlText: yamlOf([...others, [path, value]]), readFile }).config;
}

function yamlOf(entries: readonly (readonly [path: string, value: string])[]): string {
  const document = new Document({});
  for (const [path, value] of entries) document.setIn(path.split('.'), value);
  return document.toString();
}

test.each(SETTING_ROWS)(
  '%s is read by each of its names, from the environment and from the file, to the same effect',
  (key, row) => {
    const text = OTHER_VALUE[key];
    const expected = fromEnvironment({ [row.env]: text });
    expect(expected).not.toEqual(fromEnvironment({}));
    for (const name of envNames(row))
      expect({ name, config: fromEnvironment({ [name]: text }) }).toEqual({ name, config: expected });
    for (const name of yamlNames(row))
      expect({ name, config: fromFile(key, name, text) }).toEqual({ name, config: expected });
  },
);

test.each(SETTING_ROWS.filter(([, row]) => row.secret))(
  '%s is read from a file by each of its names, without the line end',
  (key, row) => {
    const readFile: ReadFile = (path) => (path === '/run/secret' ? `${OTHER_VALUE[key]}\r\n` : '');
    const expected = fromEnvironment({ [row.env]: OTHER_VALUE[key] });
    for (const name of envNames(row)) {
      expect({ name, config: fromEnvironment({ [fileNameOf(name)]: '/run/secret' }, readFile) }).toEqual({
        name,
        config: expected,
      });
    }
    for (const name of yamlNames(row)) {
      expect({ name, config: fromFile(key, fileNameOf(name), '/run/secret', readFile) }).toEqual({
        name,
        config: expected,
      });
    }
  },
);

test.each(SETTING_ROWS.filter(([, row]) => !row.secret))('%s is no secret and not read from a file', (key, row) => {
  expect(() => fromEnvironment({ [`${row.env}_FILE`]: '/run/x' })).toThrow(
    `${row.env}_FILE: only secrets are read from a file; set ${row.env} to the value itself`,
  );
  expect(() => fromFile(key, `${row.path}_file`, '/run/x')).toThrow(
    `only secrets are read from a file; set ${row.path} to the value itself`,
  );
});

test('no name belongs to two settings', () => {
  const names = SETTING_ROWS.flatMap(([, row]) => [...envNames(row), ...yamlNames(row)]);
  const all = [...names, ...names.map(fileNameOf), ...WORKER_ONLY_ENV];
  expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
});

test('no YAML name is both a setting and a group', () => {
  const names = SETTING_ROWS.flatMap(([, row]) => yamlNames(row));
  expect(names.filter((name) => names.some((other) => other.startsWith(`${name}.`)))).toEqual([]);
});

test('names that only the Worker reads are accepted and change nothing, so that one environment serves both', () => {
  const worker = {
    ISARTOR__CORE_URL: 'http://core:8080',
    ISARTOR__EDGE_HEDGE_MS: '20',
    ISARTOR__UPSTASH_BASE64: 'false',
  };
  expect(fromEnvironment(worker)).toEqual(fromEnvironment({}));
});

test('names with a single underscore, such as Kubernetes makes for a Service, are not ours to check', () => {
  const foreign = { ISARTOR_GATEWAY_SERVICE_HOST: '10.0.0.1', ISARTOR_STANDIN_TOKENS_PER_S: '40', PATH: '/bin' };
  expect(fromEnvironment(foreign)).toEqual(fromEnvironment({}));
});

/** The names and defaults that are promised to operators. */
test.each([
  ['ISARTOR__HOST_PORT', 'host_port', '0.0.0.0:8080'],
  ['ISARTOR__GATEWAY_API_KEY', 'gateway_api_key', undefined],
  ['ISARTOR__CACHE_MODE', 'cache_mode', 'both'],
  ['ISARTOR__CACHE_BACKEND', 'exact_cache.provider', 'memory'],
  ['ISARTOR__REDIS_URL', 'exact_cache.redis_url', 'redis://127.0.0.1:6379'],
  ['ISARTOR__REDIS_DB', 'exact_cache.redis_db', undefined],
  ['ISARTOR__CACHE_TTL_SECS', 'cache_ttl_secs', 300],
  ['ISARTOR__CACHE_MAX_CAPACITY', 'cache_max_capacity', 50_000],
  ['ISARTOR__SIMILARITY_THRESHOLD', 'semantic_cache.similarity_threshold', undefined],
  ['ISARTOR__ROUTER_BACKEND', 'slm_router.provider', 'none'],
  ['ISARTOR__VLLM_URL', 'slm_router.remote_url', undefined],
  ['ISARTOR__VLLM_MODEL', 'slm_router.model', undefined],
  ['ISARTOR__LAYER2__SIDECAR_URL', 'layer2.sidecar_url', undefined],
  ['ISARTOR__LAYER2__MODEL_NAME', 'layer2.model_name', undefined],
  ['ISARTOR__LAYER2__TIMEOUT_SECONDS', 'layer2.timeout_seconds', 30],
  ['ISARTOR__LAYER2__REPLACES', 'layer2.replaces', undefined],
  ['ISARTOR__EMBEDDING_SIDECAR__SIDECAR_URL', 'embedding_sidecar.sidecar_url', undefined],
  ['ISARTOR__EMBEDDING_SIDECAR__MODEL_NAME', 'embedding_sidecar.model_name', undefined],
  ['ISARTOR__EMBEDDING_SIDECAR__TIMEOUT_SECONDS', 'embedding_sidecar.timeout_seconds', 10],
  ['ISARTOR__LLM_PROVIDER', 'llm_provider', 'openai'],
  ['ISARTOR__EXTERNAL_LLM_URL', 'external_llm.url', undefined],
  ['ISARTOR__EXTERNAL_LLM_MODEL', 'external_llm.model', 'gpt-4o-mini'],
  ['ISARTOR__EXTERNAL_LLM_API_KEY', 'external_llm.api_key', undefined],
  ['ISARTOR__EXTERNAL_LLM_ASK_USAGE', 'external_llm.ask_usage', true],
  ['ISARTOR__L3__PROVIDERS', 'l3.providers', undefined],
  ['ISARTOR__L3__RETRY__MAX_CALLS', 'l3.retry.max_calls', 4],
  ['ISARTOR__L3__RETRY__BASE_WAIT_MS', 'l3.retry.base_wait_ms', 250],
  ['ISARTOR__L3__RETRY__MAX_WAIT_SECS', 'l3.retry.max_wait_secs', 10],
  ['ISARTOR__L3__BREAKER__FAILURES', 'l3.breaker.failures', 5],
  ['ISARTOR__L3__BREAKER__OPEN_SECS', 'l3.breaker.open_secs', 10],
  ['ISARTOR__SEMANTIC_CACHE__MODE', 'semantic_cache.mode', undefined],
  ['ISARTOR__SEMANTIC_CACHE__POINT', 'semantic_cache.point', 'strict'],
  ['ISARTOR__SEMANTIC_CACHE__EMBEDDER', 'semantic_cache.embedder', 'auto'],
  ['ISARTOR__SEMANTIC_CACHE__MODEL_DIR', 'semantic_cache.model_dir', undefined],
  ['ISARTOR__SEMANTIC_CACHE__REDIS_URL', 'semantic_cache.redis_url', undefined],
  ['ISARTOR__SEMANTIC_CACHE__INDEX', 'semantic_cache.index', 'auto'],
  ['ISARTOR__SEMANTIC_CACHE__LOG_PAIRS', 'semantic_cache.log_pairs', false],
  ['ISARTOR__METRICS_PORT', 'metrics_port', 9464],
  ['ISARTOR__AUTH__KEYS', 'auth.keys', undefined],
  ['ISARTOR__AUTH__MODE', 'auth.mode', 'on'],
  ['ISARTOR__EDGE_SECRET', 'edge_secret', undefined],
  ['ISARTOR__EDGE_ONLY', 'edge_only', false],
  ['ISARTOR__CACHE_NAMESPACE', 'cache_namespace', 'isartor'],
  ['ISARTOR__CACHE_SHARE_USERS', 'cache_share_users', false],
  ['ISARTOR__CACHE_STALE_SECS', 'cache_stale_secs', 3600],
  ['ISARTOR__CACHE_SAMPLED', 'cache_sampled', true],
  ['ISARTOR__CACHE_MAX_BYTES', 'cache_max_bytes', '64 MiB'],
  ['ISARTOR__ADMIN_KEY', 'admin_key', undefined],
  ['ISARTOR__ENABLE_MONITORING', 'enable_monitoring', false],
  ['ISARTOR__LAYER2__DEADLINE_SHARE', 'layer2.deadline_share', 0.25],
  ['ISARTOR__LAYER2__DECIDE', 'layer2.decide', 'probe'],
  ['ISARTOR__LAYER2__THRESHOLD', 'layer2.threshold', 0.5],
  ['ISARTOR__LAYER2__RECORD_SHARE', 'layer2.record_share', 0.01],
  ['ISARTOR__LAYER2__MAX_OUTSTANDING', 'layer2.max_outstanding', 64],
  ['ISARTOR__LAYER2__DISCOVERY', 'layer2.discovery', 'url'],
  ['ISARTOR__LAYER2__API_KEY', 'layer2.api_key', undefined],
  ['ISARTOR__OTEL_EXPORTER_ENDPOINT', 'otel_exporter_endpoint', 'http://localhost:4317'],
  ['ISARTOR__OTEL_EXPORTER_PROTOCOL', 'otel_exporter_protocol', 'grpc'],
  ['ISARTOR__OTEL_EXPORTER_HEADERS', 'otel_exporter_headers', undefined],
  ['ISARTOR__OTEL_SAMPLE_RATIO', 'otel_sample_ratio', 0.1],
  ['ISARTOR__OTEL_TRACES_PER_SECOND', 'otel_traces_per_second', 50],
  ['ISARTOR__REQUEST_LOG__DIR', 'request_log.dir', undefined],
  ['ISARTOR__REQUEST_LOG__MASK', 'request_log.mask', true],
  ['ISARTOR__REQUEST_LOG__TEXT_BYTES', 'request_log.text_bytes', '4 KiB'],
  ['ISARTOR__REQUEST_LOG__FILE_BYTES', 'request_log.file_bytes', '64 MiB'],
  ['ISARTOR__REQUEST_LOG__TOTAL_BYTES', 'request_log.total_bytes', '1 GiB'],
  ['ISARTOR__REQUEST_LOG__KEEP_DAYS', 'request_log.keep_days', 7],
  ['ISARTOR__CORS_ORIGINS', 'cors_origins', undefined],
  ['ISARTOR__MAX_INFLIGHT_BYTES', 'max_inflight_bytes', '32 MiB'],
  ['ISARTOR__MAX_INFLIGHT_REQUESTS', 'max_inflight_requests', 1024],
  ['ISARTOR__REDIS_TIMEOUT_MS', 'redis_timeout_ms', 100],
  ['ISARTOR__SHUTDOWN_GRACE_SECS', 'shutdown_grace_secs', 30],
  ['ISARTOR__LOG_LEVEL', 'log_level', 'info'],
  ['ISARTOR__CLOCKS__FIRST_BYTE_SECS', 'clocks.first_byte_secs', 110],
  ['ISARTOR__CLOCKS__BETWEEN_BYTES_SECS', 'clocks.between_bytes_secs', 60],
  ['ISARTOR__CLOCKS__STREAM_SECS', 'clocks.stream_secs', 900],
  ['ISARTOR__CLOCKS__PLAIN_SECS', 'clocks.plain_secs', 110],
  ['ISARTOR__LIMITS__BODY_BYTES', 'limits.body_bytes', '10 MiB'],
  ['ISARTOR__LIMITS__BODY_SECS', 'limits.body_secs', 30],
  ['ISARTOR__LIMITS__BODY_MIN_BYTES_PER_SEC', 'limits.body_min_bytes_per_sec', 16_384],
  ['ISARTOR__LIMITS__HEADER_SECS', 'limits.header_secs', 10],
  ['ISARTOR__LIMITS__HEADER_BYTES', 'limits.header_bytes', '32 KiB'],
])('%s is %s in YAML, and its default is %s', (env, yaml, byDefault) => {
  const row = SETTING_ROWS.find(([, candidate]) => envNames(candidate).includes(env))?.[1];
  expect(row && yamlNames(row)).toContain(yaml);
  expect(row?.default).toBe(byDefault);
});

test('what every default comes to', () => {
  const { config } = loadConfig({ env: { ISARTOR__AUTH__MODE: 'off', ISARTOR__EXTERNAL_LLM_API_KEY: 'p' } });
  const redis = { url: 'redis://127.0.0.1:6379', db: 0, timeoutMs: 100 };
  expect(config).toEqual({
    host: '0.0.0.0',
    port: 8080,
    metricsPort: 9464,
    auth: { mode: 'off', keys: [] },
    edge: { secret: undefined, only: false },
    adminKey: undefined,
    azureIdentity: { kind: 'managed', endpoint: undefined, clientId: undefined },
    cache: {
      mode: 'both',
      backend: 'memory',
      ttlSecs: 300,
      staleSecs: 3600,
      maxCapacity: 50_000,
      maxBytes: 67_108_864,
      namespace: 'isartor',
      shareUsers: false,
      sampled: true,
    },
    redis,
    semanticCache: {
      mode: 'shadow',
      point: 'strict',
      embedder: 'auto',
      index: 'auto',
      modelDir: undefined,
      repeatedOnly: false,
      volatile: ['default'],
      timeoutMs: 250,
      logPairs: false,
      similarityThreshold: undefined,
      redis,
    },
    embeddingSidecar: { url: undefined, model: undefined, timeoutSecs: 10 },
    smallModel: {
      backend: 'none',
      urls: [],
      discovery: 'url',
      apiKey: undefined,
      model: undefined,
      timeoutSecs: 30,
      deadlineShare: 0.25,
      replaces: ['gpt-4o-mini'],
      decide: 'probe',
      threshold: 0.5,
      leastConfidence: 0,
      routes: [],
      recordShare: 0.01,
      agreementShare: 0,
      maxQueued: 16,
      wakeWaitMs: 0,
      embedded: {
        modelFile: undefined,
        packageDir: undefined,
        gpu: false,
        threads: 0,
        contextTokens: 4_096,
        parallel: 2,
      },
      maxOutstanding: 64,
    },
    llm: {
      provider: 'openai',
      dialect: 'openai',
      url: 'https://api.openai.com/v1',
      model: 'gpt-4o-mini',
      apiKey: 'p',
      keys: [{ name: 'key-1', key: 'p' }],
      askUsage: true,
    },
    providers: [
      {
        name: 'openai',
        dialect: 'openai',
        url: 'https://api.openai.com/v1',
        apiKey: 'p',
        keys: [{ name: 'key-1', key: 'p' }],
        model: 'gpt-4o-mini',
        asksUsage: true,
        weight: undefined,
        firstByteMs: undefined,
        preset: 'openai',
        apiVersion: undefined,
        region: undefined,
        serves: undefined,
        betweenBytesMs: undefined,
      },
    ],
    routes: [],
    keyOrder: 'round_robin',
    prices: {},
    usage: { keepDays: 31 },
    retry: { maxCalls: 4, baseWaitMs: 250, maxWaitMs: 10_000 },
    breaker: { failures: 5, openMs: 10_000 },
    clocks: { firstByteMs: 110_000, betweenBytesMs: 60_000, streamMs: 900_000, plainMs: 110_000 },
    limits: {
      maxInflightBytes: 33_554_432,
      maxInflightRequests: 1024,
      bodyBytes: 10_485_760,
      bodyMs: 30_000,
      bodyMinBytesPerSec: 16_384,
      headerMs: 10_000,
      headerBytes: 32_768,
    },
    shutdownGraceMs: 30_000,
    corsOrigins: [],
    logLevel: 'info',
    requestRecord: {
      dir: undefined,
      masked: true,
      textBytes: 4_096,
      fileBytes: 67_108_864,
      totalBytes: 1_073_741_824,
      keepDays: 7,
    },
    monitoring: {
      enabled: false,
      otelEndpoint: 'http://localhost:4317',
      otelProtocol: 'grpc',
      otelHeaders: {},
      sampleRatio: 0.1,
      tracesPerSecond: 50,
    },
  });
});

test('with no setting at all the start fails, and says what to do', () => {
  expect(() => loadConfig({ env: {} })).toThrow(ConfigError);
});
