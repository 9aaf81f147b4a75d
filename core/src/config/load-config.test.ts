import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { loadConfig, type ConfigSources } from './load-config.ts';

const REQUIRED = { ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__EXTERNAL_LLM_API_KEY: 'p' };

function load(env: Readonly<Record<string, string>>, rest: Omit<ConfigSources, 'env'> = {}) {
  return loadConfig({ env: { ...REQUIRED, ...env }, ...rest });
}

function faultsOf(env: Readonly<Record<string, string>>, rest: Omit<ConfigSources, 'env'> = {}): readonly string[] {
  try {
    load(env, rest);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('precedence', () => {
  test('a default gives way to the file, and the file to the environment', () => {
    const yamlText = 'cache_ttl_secs: 10\ncache_stale_secs: 20';
    const { config, warnings } = load({ ISARTOR__CACHE_TTL_SECS: '30' }, { yamlText });
    expect(config.cache).toMatchObject({ ttlSecs: 30, staleSecs: 20, maxCapacity: 50_000 });
    expect(warnings).toEqual([
      'ISARTOR__CACHE_TTL_SECS "30" and cache_ttl_secs (isartor.yaml) 10 set the same thing: ISARTOR__CACHE_TTL_SECS wins',
    ]);
  });

  test('an older name in the environment still wins over the newer one in the file', () => {
    const { config } = load({ ISARTOR__LAYER2__MODEL_NAME: 'env' }, { yamlText: 'slm_router: { model: file }' });
    expect(config.smallModel.model).toBe('env');
  });

  test('two names that agree after reading are no warning', () => {
    const { warnings } = load(
      { ISARTOR__EXTERNAL_LLM_URL: 'http://llm/v1/' },
      { yamlText: 'external_llm: { url: "http://llm/v1/chat/completions" }' },
    );
    expect(warnings).toEqual([]);
  });

  test('secrets that disagree are named and not shown', () => {
    const { config, warnings } = load(
      { ISARTOR__EXTERNAL_LLM_API_KEY: 'first', ISARTOR__EXTERNAL_LLM_API_KEY_FILE: '/run/key' },
      { readFile: () => 'second-one' },
    );
    expect(config.llm.apiKey).toBe('first');
    expect(warnings).toEqual([
      'ISARTOR__EXTERNAL_LLM_API_KEY (a text of 5 characters) and ISARTOR__EXTERNAL_LLM_API_KEY_FILE (a text of 10 characters) set the same thing: ISARTOR__EXTERNAL_LLM_API_KEY wins',
    ]);
  });

  test('the losing value is checked too', () => {
    expect(faultsOf({ ISARTOR__VLLM_URL: 'http://pool', ISARTOR__LAYER2__SIDECAR_URL: 'pool' })).toEqual([
      'ISARTOR__LAYER2__SIDECAR_URL: "pool" is not an http or https address; write for example http://isartor-inference:8081',
    ]);
  });

  test('an empty variable and a key without a value count as not set', () => {
    const { config } = load({ ISARTOR__VLLM_URL: '', ISARTOR__REDIS_DB: ' ' }, { yamlText: 'log_level:\nauth:\n' });
    expect(config.smallModel.urls).toEqual([]);
    expect(config.redis.db).toBe(0);
    expect(config.logLevel).toBe('info');
  });
});

describe('semantic answers serve only where that was asked for by its own name', () => {
  test.each([
    [{}, 'shadow'],
    [{ ISARTOR__CACHE_MODE: 'both' }, 'shadow'],
    [{ ISARTOR__CACHE_MODE: 'semantic' }, 'shadow'],
    [{ ISARTOR__CACHE_MODE: 'exact' }, 'shadow'],
    [{ ISARTOR__CACHE_MODE: 'both', ISARTOR__SEMANTIC_CACHE__MODE: 'shadow' }, 'shadow'],
    [{ ISARTOR__SEMANTIC_CACHE__MODE: 'serve' }, 'serve'],
  ])('%o gives %s', (env, mode) => {
    expect(load(env).config.semanticCache.mode).toBe(mode);
  });
});

test('the gateway key and the list of keys are one list, by digest', () => {
  const sha256 = 'ab'.repeat(32);
  const { config } = load({ ISARTOR__AUTH__KEYS: JSON.stringify([{ tenant: 'acme', name: 'one', sha256 }]) });
  expect(config.auth.keys).toMatchObject([
    // SHA-256 of "k"
    { tenant: 'default', sha256: '8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a' },
    { tenant: 'acme', name: 'one', sha256 },
  ]);
  expect(JSON.stringify(config.auth)).not.toContain('"k"');
});

test('a list of keys may be written in YAML', () => {
  const yamlText = `auth: { keys: [{ tenant: acme, name: one, sha256: ${'ab'.repeat(32)}, cache: exact, ttl: 60 }] }`;
  expect(load({}, { yamlText }).config.auth.keys[1]).toMatchObject({ tenant: 'acme', cache: 'exact', ttlSecs: 60 });
});

test('the configuration is frozen in depth', () => {
  const { config } = load({ ISARTOR__CORS_ORIGINS: 'https://a.example' });
  const frozen = (value: unknown): boolean =>
    typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
  expect(frozen(config)).toBe(true);
});

test('all faults come at once, one line each', () => {
  const env = {
    ISARTOR__METRICS_PORT: 'none',
    ISARTOR__CACHE_MDOE: 'both',
    ISARTOR__EDGE_ONLY: 'true',
  };
  const yamlText = 'external_lm: { url: x }\nlog_level: loud';
  const faults = faultsOf(env, { yamlText });
  expect(faults).toEqual([
    'ISARTOR__CACHE_MDOE: no setting has this name; did you mean ISARTOR__CACHE_MODE?',
    'external_lm (isartor.yaml): no setting has this name; did you mean external_llm?',
    'ISARTOR__METRICS_PORT: "none" is not usable; write a whole number from 0 to 65535',
    'log_level (isartor.yaml): "loud" is not usable; write `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
    'ISARTOR__EDGE_ONLY: true refuses every caller as long as there is no secret to prove; set ISARTOR__EDGE_SECRET, at the edge too',
  ]);
  expect(new ConfigError(faults).message.split('\n')).toEqual(faults);
});

describe('unknown variables', () => {
  test.each([
    ['ISARTOR__AUTH_KEYS', 'did you mean ISARTOR__AUTH__KEYS?'],
    ['ISARTOR__REDIS_ULR', 'did you mean ISARTOR__REDIS_URL?'],
    ['ISARTOR__gateway_api_key', 'did you mean ISARTOR__GATEWAY_API_KEY?'],
    ['ISARTOR__CONFIG', 'did you mean ISARTOR_CONFIG?'],
    ['ISARTOR__CORE_URLS', 'did you mean ISARTOR__CORE_URL?'],
    ['ISARTOR__SOMETHING_QUITE_DIFFERENT', 'remove it, or take the name from docs/configuration.md'],
  ])('%s: %s', (name, remedy) => {
    expect(faultsOf({ [name]: 'sk-secret' })).toEqual([`${name}: no setting has this name; ${remedy}`]);
  });
});

describe('secrets in files', () => {
  const failing = (code: string) => () => {
    throw Object.assign(new Error('sk-secret'), { code });
  };
  test.each([
    ['/run/key', failing('ENOENT'), 'the file /run/key cannot be read (ENOENT); mount it there, or correct the path'],
    ['/run/key', () => '\n', 'the file /run/key is empty; write the secret into it'],
    [
      '/run/key',
      () => 'two words',
      '(a text of 9 characters) is not usable; write 1 to 512 printable ASCII characters without spaces (a number in YAML goes into quotes)',
    ],
    // A secret in the place of its path is not repeated.
    [
      'sk-secret',
      failing('ENOENT'),
      'the file (a text of 9 characters) cannot be read (ENOENT); mount it there, or correct the path',
    ],
  ])('%s: fault', (path, readFile, message) => {
    expect(faultsOf({ ISARTOR__ADMIN_KEY_FILE: path }, { readFile })).toEqual([`ISARTOR__ADMIN_KEY_FILE: ${message}`]);
  });

  test('in YAML the path is a text', () => {
    expect(faultsOf({}, { yamlText: 'admin_key_file: 12' })).toEqual([
      "admin_key_file (isartor.yaml): (a number) is not a path; write the path of the secret's file",
    ]);
  });
});

describe('the process', () => {
  const script = `
    import { loadConfigFromProcess } from ${JSON.stringify(new URL('load-config.ts', import.meta.url).href)};
    try { console.log(loadConfigFromProcess().config.cache.namespace); } catch (error) { console.log(error.message); }`;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'isartor config '));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const run = (env: Readonly<Record<string, string>>): string =>
    execFileSync(process.execPath, ['--conditions=isartor-source', '--input-type=module', '-e', script], {
      cwd: folder,
      env: { ...REQUIRED, ...env },
      encoding: 'utf8',
    }).trim();

  test('isartor.yaml in the working directory is read where there is one, ISARTOR_CONFIG names another, and a named one must be there', () => {
    expect(run({})).toBe('isartor');
    writeFileSync(join(folder, 'isartor.yaml'), 'cache_namespace: here\n');
    writeFileSync(join(folder, 'other.yaml'), 'cache_namespace: other\n');
    expect(run({})).toBe('here');
    expect(run({ ISARTOR_CONFIG: 'other.yaml' })).toBe('other');
    expect(run({ ISARTOR_CONFIG: 'missing.yaml' })).toBe(
      'missing.yaml: the file cannot be read (ENOENT); correct the path, or unset ISARTOR_CONFIG',
    );
  });
});
