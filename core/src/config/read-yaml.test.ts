import { expect, test } from 'vitest';
import { readYaml } from './read-yaml.ts';

test.each([
  ['cache_mdoe: both', 'cache_mdoe (f.yaml): no setting has this name; did you mean cache_mode?'],
  ['cache_mdoe:', 'cache_mdoe (f.yaml): no setting has this name; did you mean cache_mode?'],
  [
    'semantic_cache: { mod: serve }',
    'semantic_cache.mod (f.yaml): no setting has this name; did you mean semantic_cache.mode?',
  ],
  [
    'exact_cache: { redis_ulr: x }',
    'exact_cache.redis_ulr (f.yaml): no setting has this name; did you mean exact_cache.redis_url?',
  ],
  [
    'auth: { mode_file: x }',
    'auth.mode_file (f.yaml): only secrets are read from a file; set auth.mode to the value itself',
  ],
  [
    'weather: fine',
    'weather (f.yaml): no setting has this name; remove it, or take the name from docs/configuration.md',
  ],
  ['7: seven', '7 (f.yaml): no setting has this name; remove it, or take the name from docs/configuration.md'],
  ['external_llm: gpt', 'external_llm (f.yaml): is a group of settings; write them below it, such as external_llm.url'],
  [
    'external_llm: [gpt]',
    'external_llm (f.yaml): is a group of settings; write them below it, such as external_llm.url',
  ],
  [
    'exact_cache.provider: redis',
    'exact_cache.provider (f.yaml): a key has no dots; write exact_cache: and nest the rest below it',
  ],
  ['- cache_mode: both', 'f.yaml: must hold settings by their names, such as `cache_mode: both`'],
  ['just text', 'f.yaml: must hold settings by their names, such as `cache_mode: both`'],
  ['cache_mode: both\ncache_mode: off', 'f.yaml: line 2, column 1 is not valid YAML (DUPLICATE_KEY); correct it there'],
  ['gateway_api_key: "sk-secret', 'f.yaml: line 1, column 28 is not valid YAML (MISSING_CHAR); correct it there'],
  [
    '__proto__: { cache_mode: off }',
    '__proto__ (f.yaml): no setting has this name; remove it, or take the name from docs/configuration.md',
  ],
])('%s: one line that says so', (text, fault) => {
  expect(readYaml(text, 'f.yaml')).toEqual({ given: new Map(), faults: [fault] });
});

test.each(['', '# nothing\n', 'semantic_cache:\n', '---\n'])('%o sets nothing and is no fault', (text) => {
  expect(readYaml(text, 'f.yaml')).toEqual({ given: new Map(), faults: [] });
});

test('`off` and `on` are words, as YAML 1.2 has it', () => {
  expect(readYaml('cache_mode: off\nauth: { mode: on }', 'f.yaml').given).toEqual(
    new Map([
      ['cache_mode', { label: 'cache_mode (f.yaml)', value: 'off' }],
      ['auth.mode', { label: 'auth.mode (f.yaml)', value: 'on' }],
    ]),
  );
});
