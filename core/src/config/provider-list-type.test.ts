import { OPERATION_SPECS } from '@isartor/shared';
import { describe, expect, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import { loadConfig, type ConfigSources } from './load-config.ts';
import { PRESET_NAMES, PROVIDER_PRESETS } from './provider-presets.ts';
import { choice } from './value-types.ts';

const A = { name: 'a', url: 'http://a.example/v1/', model: 'small', key: 'secret-of-a' };
const B = { name: 'b', url: 'https://b.example/v1/chat/completions', model: 'large' };

function load(list: unknown, env: Readonly<Record<string, string>> = {}, rest: Omit<ConfigSources, 'env'> = {}) {
  const text = typeof list === 'string' ? list : JSON.stringify(list);
  return loadConfig({ env: { ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__L3__PROVIDERS: text, ...env }, ...rest });
}

function faultOf(list: unknown): string {
  try {
    load(list);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.join('\n');
    throw error;
  }
  return '';
}

describe('a list of providers', () => {
  test('is the chain, in its order, and its first stands for the single provider', () => {
    const timeouts = { first_byte_secs: 1.5, between_bytes_secs: 2 };
    const { config, warnings } = load([A, { ...B, dialect: 'anthropic', weight: 3, ask_usage: false, timeouts }]);
    expect(config.providers).toEqual([
      {
        name: 'a',
        dialect: 'openai',
        url: 'http://a.example/v1',
        apiKey: 'secret-of-a',
        keys: [{ name: 'key-1', key: 'secret-of-a' }],
        model: 'small',
        asksUsage: true,
        weight: undefined,
        firstByteMs: undefined,
        betweenBytesMs: undefined,
      },
      {
        name: 'b',
        dialect: 'anthropic',
        url: 'https://b.example/v1',
        apiKey: undefined,
        keys: [],
        model: 'large',
        asksUsage: false,
        weight: 3,
        firstByteMs: 1_500,
        betweenBytesMs: 2_000,
      },
    ]);
    expect(config.llm).toMatchObject({ url: 'http://a.example/v1', model: 'small', apiKey: 'secret-of-a' });
    expect(config.smallModel.replaces).toEqual(['small']);
    expect(warnings).toEqual([]);
  });

  test('leaves the default model to external_llm.model where that is given', () => {
    const { config } = load([A, B], { ISARTOR__EXTERNAL_LLM_MODEL: 'gpt-4o' });
    expect(config.llm.model).toBe('gpt-4o');
    expect(config.providers.map(({ model }) => model)).toEqual(['small', 'large']);
  });

  test('may be written in YAML, and read from a file', () => {
    const yamlText = 'l3: { providers: [{ name: a, url: "http://a.example/v1", model: small, key: secret-of-a }] }';
    const env = { ISARTOR__GATEWAY_API_KEY: 'k' };
    const expected = load([A]).config.providers;
    expect(loadConfig({ env, yamlText }).config.providers).toEqual(expected);
    const file = { ...env, ISARTOR__L3__PROVIDERS_FILE: '/run/providers' };
    expect(loadConfig({ env: file, readFile: () => JSON.stringify([A]) }).config.providers).toEqual(expected);
  });

  test('takes several keys of a provider, by name or not, and so does the single provider', () => {
    const keys = ['one', { name: 'eu', key: 'two' }];
    const { config } = load([
      { ...B, keys },
      { ...A, key: 'x,y' },
    ]);
    expect(config.providers.map((provider) => [provider.apiKey, provider.keys])).toEqual([
      [
        'one',
        [
          { name: 'key-1', key: 'one' },
          { name: 'eu', key: 'two' },
        ],
      ],
      [
        'x',
        [
          { name: 'key-1', key: 'x' },
          { name: 'key-2', key: 'y' },
        ],
      ],
    ]);
    const env = { ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__EXTERNAL_LLM_API_KEY_FILE: '/run/keys' };
    const single = loadConfig({ env, readFile: () => 'one,two,one\n' }).config.providers[0];
    expect([single?.apiKey, single?.keys.map(({ key }) => key)]).toEqual(['one', ['one', 'two']]);
  });

  test('puts the other settings of a provider out of use, and the start says so', () => {
    const { warnings } = load([A], { ISARTOR__EXTERNAL_LLM_URL: 'http://x/v1', ISARTOR__EXTERNAL_LLM_API_KEY: 'y' });
    expect(warnings).toEqual([
      'ISARTOR__EXTERNAL_LLM_URL, ISARTOR__EXTERNAL_LLM_API_KEY: not used, because ISARTOR__L3__PROVIDERS lists the providers',
    ]);
  });
});

describe('a preset', () => {
  test('stands in for what is not given, and what is given wins', () => {
    const { config } = load([
      { name: 'fast', preset: 'groq', key: 'k', model: 'llama' },
      { name: 'eu', preset: 'mistral', key: 'k' },
      { name: 'proxy', preset: 'mistral', url: 'http://proxy.example/v1', model: 'large', ask_usage: true },
      {
        name: 'other',
        preset: 'deepseek',
        key: 'k',
        dialect: 'anthropic',
        url: 'https://api.deepseek.com/anthropic/v1',
        model: 'v4',
      },
      { name: 'claude', preset: 'anthropic', key: 'k' },
      { name: 'local', preset: 'ollama', model: 'gemma' },
    ]);
    const chat = ['openai.chat', 'native.chat'];
    expect(
      config.providers.map(({ dialect, url, model, asksUsage, serves }) => [dialect, url, model, asksUsage, serves]),
    ).toEqual([
      ['openai', 'https://api.groq.com/openai/v1', 'llama', true, [...chat, 'openai.responses']],
      ['openai', 'https://api.mistral.ai/v1', 'mistral-small-latest', false, [...chat, 'openai.embeddings']],
      ['openai', 'http://proxy.example/v1', 'large', true, [...chat, 'openai.embeddings']],
      ['anthropic', 'https://api.deepseek.com/anthropic/v1', 'v4', true, undefined],
      ['anthropic', 'https://api.anthropic.com/v1', 'claude-haiku-4-5', true, undefined],
      [
        'openai',
        'http://localhost:11434/v1',
        'gemma',
        true,
        [...chat, 'openai.completions', 'openai.responses', 'openai.embeddings'],
      ],
    ]);
  });

  test('is what ISARTOR__LLM_PROVIDER names too', () => {
    const single = (env: Readonly<Record<string, string>>) =>
      loadConfig({
        env: {
          ISARTOR__GATEWAY_API_KEY: 'k',
          ISARTOR__LLM_PROVIDER: 'mistral',
          ISARTOR__EXTERNAL_LLM_API_KEY: 'k',
          ...env,
        },
      }).config.providers;
    const mistral = {
      name: 'mistral',
      url: 'https://api.mistral.ai/v1',
      model: 'mistral-small-latest',
      asksUsage: false,
    };
    expect(single({})).toEqual([expect.objectContaining(mistral)]);
    expect(single({})[0]?.serves).toContain('openai.embeddings');
    expect(single({ ISARTOR__EXTERNAL_LLM_ASK_USAGE: 'true' })[0]?.asksUsage).toBe(true);
  });

  test('of a cloud takes what the address is made of, or the address', () => {
    const azure = { preset: 'azure', model: 'd' };
    const vertex = { preset: 'vertex', model: 'd', project: 'p-1' };
    const { config } = load([
      { ...azure, name: 'a', resource: 'mine' },
      { ...azure, name: 'b', resource: 'mine', api_version: '2024-10-21' },
      { ...azure, name: 'c', url: 'https://mine.openai.azure.us/openai/v1/' },
      { ...vertex, name: 'd', location: 'europe-west1', dialect: 'anthropic' },
      { ...vertex, name: 'e', location: 'global' },
      { name: 'f', preset: 'bedrock', model: 'd', region: 'eu-central-1' },
    ]);
    expect(config.providers.map(({ url, apiVersion }) => [url, apiVersion])).toEqual([
      ['https://mine.openai.azure.com/openai/v1', undefined],
      ['https://mine.openai.azure.com/openai', '2024-10-21'],
      ['https://mine.openai.azure.us/openai/v1', undefined],
      ['https://europe-west1-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west1', undefined],
      ['https://aiplatform.googleapis.com/v1/projects/p-1/locations/global', undefined],
      ['https://bedrock-runtime.eu-central-1.amazonaws.com', undefined],
    ]);
    expect(config.providers.map(({ dialect }) => dialect)).toEqual([
      'openai',
      'openai',
      'openai',
      'anthropic',
      'gemini',
      'anthropic',
    ]);
  });

  test('of Bedrock tells the region from its address where it is not given, and what each of its APIs has', () => {
    const aws = { preset: 'bedrock', model: 'm' };
    const { config } = load([
      { ...aws, name: 'a', url: 'https://vpce-1.bedrock-runtime.us-gov-west-1.vpce.amazonaws.com' },
      { ...aws, name: 'b', url: 'http://proxy.example', region: 'us-east-1', dialect: 'openai' },
      { ...aws, name: 'c', url: 'https://bedrock-runtime-fips.us-east-2.amazonaws.com', region: 'us-west-2' },
    ]);
    expect(config.providers.map(({ region, serves }) => [region, serves])).toEqual([
      ['us-gov-west-1', ['anthropic.messages']],
      ['us-east-1', ['openai.chat', 'native.chat']],
      ['us-west-2', ['anthropic.messages']],
    ]);
  });

  test.each(PRESET_NAMES)(
    '%s is whole: an address that the settings would take, and what it serves of its API',
    (name) => {
      const { url = 'http://cloud.example/v1', model = 'm', dialect, serves } = PROVIDER_PRESETS[name];
      const [provider] = load([{ name, url, model, dialect, key: 'k' }]).config.providers;
      expect(provider?.url).toBe(url);
      const ofItsApi = serves?.filter((operation) => OPERATION_SPECS[operation].providerDialect === dialect);
      expect(ofItsApi).not.toEqual([]);
      expect(serves?.includes('native.chat')).toBe(serves?.includes('openai.chat'));
    },
  );
});

describe('a list that cannot be used is one line with its remedy', () => {
  test.each([
    ['it must be a JSON list of objects; check its brackets and quotes', '{"name":"a"}'],
    ['it must be a JSON list of objects; check its brackets and quotes', '[secret'],
    ['the list is empty; name a provider, or leave the setting out', []],
    ['[0] is missing or not usable; write an object', ['secret']],
    ['[0] has no member modl; did you mean model?', [{ ...A, model: undefined, modl: 'm' }]],
    [
      '[1] has no member colour; known are name, preset, dialect, url, resource, api_version, project, location, region, model, key, keys, weight, ask_usage, timeouts',
      [A, { ...B, colour: 1 }],
    ],
    [
      '[0] has a member that is not known here; known are name, preset, dialect, url, resource, api_version, project, location, region, model, key, keys, weight, ask_usage, timeouts',
      [{ ...A, 'sk-123': '' }],
    ],
    [
      '[0].timeouts has no member first_byte_sec; did you mean first_byte_secs?',
      [{ ...A, timeouts: { first_byte_sec: 1 } }],
    ],
    [
      '[0].timeouts.first_byte_secs is missing or not usable; write a number from 0.001 to 86400',
      [{ ...A, timeouts: { first_byte_secs: 0 } }],
    ],
    ['[0].model is missing or not usable; write a text in one line', [{ ...A, model: undefined }]],
    ['[0].model is missing or not usable; write a text in one line', [{ name: 'a', preset: 'groq', key: 'secret' }]],
    [
      '[0].dialect is not spoken by groq; leave it out, or write openai',
      [{ name: 'a', preset: 'groq', dialect: 'gemini', key: 'secret', model: 'm' }],
    ],
    [
      '[0].dialect is not spoken by bedrock; leave it out, or write anthropic or openai',
      [{ name: 'a', preset: 'bedrock', dialect: 'gemini', url: 'https://secret.example', model: 'm' }],
    ],
    ['[0].resource is needed; write it, or the url', [{ name: 'a', preset: 'azure', model: 'secret' }]],
    [
      '[0].project and location are needed; write them, or the url',
      [{ name: 'a', preset: 'vertex', model: 'm', project: 'secret' }],
    ],
    ['[0].region is needed; write it, or the url', [{ name: 'a', preset: 'bedrock', model: 'secret' }]],
    [
      '[0].region is needed beside such a url; write it, such as eu-central-1',
      [{ ...A, url: 'http://secret.example', preset: 'bedrock' }],
    ],
    [
      '[0].region is missing or not usable; write a region of AWS, such as eu-central-1',
      [{ ...A, preset: 'bedrock', region: 'secret.example' }],
    ],
    ['[0].project is of the preset vertex alone; leave it out', [{ ...A, preset: 'azure', project: 'secret' }]],
    [
      "[0] has a key, which vertex does not take; leave it out: the workload's own identity is used",
      [{ ...A, preset: 'vertex' }],
    ],
    ['[0].resource is of the preset azure alone; leave it out', [{ ...A, resource: 'secret' }]],
    [
      '[0].api_version is missing or not usable; write a dated version of the API, such as 2024-10-21',
      [{ ...A, preset: 'azure', api_version: 'secret' }],
    ],
    [
      '[0].resource is missing or not usable; write the name of an Azure OpenAI resource',
      [{ name: 'a', preset: 'azure', model: 'm', resource: 'secret.example' }],
    ],
    ['[0].url is missing; write an http or https address, or name a preset', [{ ...A, url: undefined }]],
    [`[0].preset is missing or not usable; write ${choice(PRESET_NAMES).description}`, [{ ...A, preset: 'secret' }]],
    [
      '[0].url is not an http or https address; write for example https://api.openai.com/v1',
      [{ ...A, url: 'secret.example' }],
    ],
    [
      '[0].name is missing or not usable; write 1 to 64 lower-case letters, digits, dots, dashes or underscores, such as openai or groq-eu',
      [{ ...A, name: 'Se cret' }],
    ],
    [
      '[0].key is missing or not usable; write 1 to 512 printable ASCII characters without spaces (a number in YAML goes into quotes)',
      [{ ...A, key: 'a secret' }],
    ],
    ['[0].keys is not usable; write a list of keys, or of {"name","key"}', [{ ...B, keys: ['secret with spaces'] }]],
    ['[0].keys is not usable; write a list of keys, or of {"name","key"}', [{ ...B, keys: [{ key: 'secret' }] }]],
    ['[0].keys is not usable; write a list of keys, or of {"name","key"}', [{ ...B, keys: [] }]],
    ['[0].keys holds a key or a name twice; leave one of them out', [{ ...B, keys: ['secret', 'secret'] }]],
    ['[0] has key and keys; leave one of them out', [{ ...A, keys: ['other-secret'] }]],
    ['[0].weight is missing or not usable; write a number from 0 to 1000', [{ ...A, weight: -1 }]],
    ['[1].name is the name of another one too; choose another', [A, { ...B, name: 'a' }]],
  ])('%s', (line, list) => {
    const fault = faultOf(list);
    expect(fault).toMatch(/^ISARTOR__L3__PROVIDERS: \(a text of \d+ characters\) cannot be used: /);
    expect(fault.slice(fault.indexOf('used: ') + 6)).toBe(line);
    expect(fault).not.toContain('secret');
  });

  test('the address of a preset needs a key', () => {
    expect(faultOf([A, { name: 'b', preset: 'groq', model: 'm' }])).toBe(
      'ISARTOR__L3__PROVIDERS: api.groq.com needs a key; give the provider b one, or another url',
    );
    expect(faultOf([{ name: 'b', preset: 'groq', model: 'm', url: 'http://proxy.example/v1' }])).toBe('');
    expect(faultOf([{ name: 'b', preset: 'ollama', model: 'm' }])).toBe('');
  });

  test("the provider's own address needs a key", () => {
    expect(faultOf([A, { ...B, url: 'https://API.openai.com/v1' }])).toBe(
      'ISARTOR__L3__PROVIDERS: api.openai.com needs a key; give the provider b one, or another url',
    );
  });
});
