import { describe, expect, test } from 'vitest';
import { SettingsError, readSettings } from './env.ts';
import { sha256Hex } from './sha256-hex.ts';

const CORE = { ISARTOR__CORE_URL: 'https://core.test' };
/** The gateway key of these tests, listed under another tenant. */
const GATEWAY_KEY_AGAIN = JSON.stringify([{ tenant: 'other', name: 'k', sha256: sha256Hex('secret-key') }]);
const KEY = { ISARTOR__GATEWAY_API_KEY: 'secret-key' };

function faultsOf(bindings: object): readonly string[] {
  try {
    readSettings(bindings);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
}

describe('a Worker with the least settings', () => {
  test('has the documented defaults', () => {
    expect(readSettings({ ...CORE, ...KEY })).toMatchObject({
      coreUrls: ['https://core.test'],
      authMode: 'on',
      upstash: undefined,
      cacheTimeoutMs: 200,
      hedgeMs: 10,
      exactCache: true,
      semanticCache: true,
      cacheTtlSecs: 300,
      cacheNamespace: 'isartor',
      shareUsers: false,
      sampled: true,
      edgeSecret: undefined,
      corsOrigins: [],
      firstByteSecs: 110,
      otlp: undefined,
    });
  });

  test.each([
    ['http://localhost:4317', 'http://localhost:4318/v1/traces'],
    ['http://collector:4317/', 'http://collector:4318/v1/traces'],
    ['https://otlp.example.com/otlp/v1/traces', 'https://otlp.example.com/otlp/v1/traces'],
    ['https://otlp.example.com', 'https://otlp.example.com/v1/traces'],
  ])('with monitoring sends what is to go to %s to %s', (endpoint, url) => {
    const monitoring = {
      ISARTOR__ENABLE_MONITORING: 'true',
      ISARTOR__OTEL_EXPORTER_ENDPOINT: endpoint,
      ISARTOR__OTEL_EXPORTER_HEADERS: 'Authorization=Basic a=b, x-scope=1',
      ISARTOR__OTEL_SAMPLE_RATIO: '0.25',
    };
    const headers = { authorization: 'Basic a=b', 'x-scope': '1' };
    expect(readSettings({ ...CORE, ...KEY, ...monitoring }).otlp).toEqual({ url, headers, ratio: 0.25 });
  });

  test.each([
    ['ISARTOR__OTEL_EXPORTER_ENDPOINT', 'collector:4317'],
    ['ISARTOR__OTEL_EXPORTER_HEADERS', 'secret-without-name'],
    ['ISARTOR__OTEL_SAMPLE_RATIO', '2'],
  ])('does not start with a wrong %s, and does not repeat it', (name, value) => {
    const [fault] = faultsOf({ ...CORE, ...KEY, ISARTOR__ENABLE_MONITORING: 'true', [name]: value });
    expect(fault).toContain(name);
    expect(fault).not.toContain('secret');
  });

  test('ignores what only the core understands, and bindings of other kinds', () => {
    expect(
      faultsOf({ ...CORE, ...KEY, ISARTOR__VLLM_URL: 'http://vllm', ISARTOR__HOST_PORT: 'x', BUCKET: {} }),
    ).toEqual([]);
  });
});

describe('a Worker without any key', () => {
  test('does not start', () => {
    const [fault] = faultsOf(CORE);
    expect(fault).toContain('ISARTOR__GATEWAY_API_KEY is not set');
    expect(fault).toContain('ISARTOR__AUTH__MODE=off');
  });

  test.each([
    ['AUTH__MODE is off', { ISARTOR__AUTH__MODE: 'off' }],
    [
      'AUTH__KEYS holds one',
      { ISARTOR__AUTH__KEYS: JSON.stringify([{ tenant: 'a', name: 'k', sha256: 'a'.repeat(64) }]) },
    ],
    ['Redis may hold some', { UPSTASH_REDIS_REST_URL: 'https://u.test', UPSTASH_REDIS_REST_TOKEN: 't' }],
  ])('starts when %s', (_, bindings) => {
    expect(faultsOf({ ...CORE, ...bindings })).toEqual([]);
  });
});

describe('a wrong setting stops the start and names itself and the remedy', () => {
  test.each([
    ['ISARTOR__CORE_URL', '', 'is not set'],
    ['ISARTOR__CORE_URL', 'core.test:8080', 'position 1'],
    ['ISARTOR__CORE_URL', 'https://a.test, ftp://b.test', 'position 2'],
    ['ISARTOR__CORE_URL', 'https://user:pass@a.test', 'without credentials'],
    ['ISARTOR__AUTH__MODE', 'maybe', 'on, off'],
    ['ISARTOR__CACHE_MODE', 'all', 'both, exact, semantic, off'],
    ['ISARTOR__CACHE_TTL_SECS', '-1', 'whole number'],
    ['ISARTOR__CACHE_TTL_SECS', '5 minutes', 'whole number'],
    ['ISARTOR__REDIS_TIMEOUT_MS', '0', 'from 1 to 10000'],
    ['ISARTOR__EDGE_HEDGE_MS', '-1', 'from 0 to 10000'],
    ['ISARTOR__CACHE_SHARE_USERS', 'yes', 'true, false'],
    ['ISARTOR__CACHE_NAMESPACE', 'a:b', 'same value as the core'],
    ['ISARTOR__CORS_ORIGINS', 'https://app.test/path', 'position 1'],
    ['ISARTOR__AUTH__KEYS', 'not json', 'list of keys'],
    ['ISARTOR__AUTH__KEYS', '[{"tenant":"A B"}]', '[0].tenant'],
    ['ISARTOR__AUTH__KEYS', GATEWAY_KEY_AGAIN, 'two tenants'],
    ['UPSTASH_REDIS_REST_URL', 'https://u.test', 'UPSTASH_REDIS_REST_TOKEN'],
    ['UPSTASH_REDIS_REST_TOKEN', 't', 'UPSTASH_REDIS_REST_URL'],
  ])('%s=%s', (name, value, remedy) => {
    const faults = faultsOf({ ...CORE, ...KEY, [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(remedy);
  });

  test('all faults are told at once, and no value is repeated', () => {
    const bindings = {
      ISARTOR__CORE_URL: 'hunter2',
      ISARTOR__CACHE_MODE: 'hunter2',
      ISARTOR__AUTH__KEYS: '["hunter2"]',
    };
    const faults = faultsOf(bindings);
    expect(faults).toHaveLength(3);
    expect(faults.join('\n')).not.toContain('hunter2');
  });
});

test('lists are split, trimmed and lose trailing slashes', () => {
  const settings = readSettings({ ...KEY, ISARTOR__CORE_URL: ' https://a.test/ , https://b.test/base/ ' });
  expect(settings.coreUrls).toEqual(['https://a.test', 'https://b.test/base']);
});

test('values that wrangler passes on as JSON are understood', () => {
  const keys = [{ tenant: 'a', name: 'k', sha256: 'b'.repeat(64) }];
  const settings = readSettings({
    ...CORE,
    ISARTOR__AUTH__KEYS: keys,
    ISARTOR__CACHE_TTL_SECS: 60,
    ISARTOR__CACHE_SAMPLED: false,
  });
  expect(settings.keys[0]?.tenant).toBe('a');
  expect(settings.cacheTtlSecs).toBe(60);
  expect(settings.sampled).toBe(false);
});
