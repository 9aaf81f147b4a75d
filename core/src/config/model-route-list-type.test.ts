import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { loadConfig } from './load-config.ts';
import { isAbout } from './model-route-list-type.ts';

const PROVIDERS = JSON.stringify([
  { name: 'a', url: 'http://a/v1', model: 'm' },
  { name: 'b', url: 'http://b/v1', model: 'm' },
]);
const TO = [{ provider: 'a' }];

function load(routes: unknown) {
  const text = typeof routes === 'string' ? routes : JSON.stringify(routes);
  const env = { ISARTOR__GATEWAY_API_KEY: 'k', ISARTOR__L3__PROVIDERS: PROVIDERS, ISARTOR__L3__ROUTES: text };
  return loadConfig({ env }).config.routes;
}

function faultOf(routes: unknown): string {
  try {
    load(routes);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.join('\n');
    throw error;
  }
  return '';
}

describe('the table of routes', () => {
  it('is read with all that a row may say, and what it leaves out', () => {
    const to = [{ provider: 'a', model: 'large', weight: 3 }, { provider: 'b' }];
    const clocks = { first_byte_secs: 1, plain_secs: 2.5, stream_secs: 3 };
    const rest = { cache: 'exact', cache_ttl_secs: 60, skip: ['l1b', 'l2'] };
    expect(
      load([
        { model: 'fast', to, clocks, ...rest },
        { model: 'x-*', to: TO },
      ]),
    ).toEqual([
      {
        model: 'fast',
        to: [
          { provider: 'a', model: 'large', weight: 3 },
          { provider: 'b', model: undefined, weight: undefined },
        ],
        clocks: { firstByteMs: 1_000, plainMs: 2_500, streamMs: 3_000 },
        cache: 'exact',
        cacheTtlSecs: 60,
        skip: ['l1b', 'l2'],
      },
      {
        model: 'x-*',
        to: [{ provider: 'a', model: undefined, weight: undefined }],
        clocks: {},
        cache: undefined,
        cacheTtlSecs: undefined,
        skip: [],
      },
    ]);
  });

  it.each([
    ['it must be a JSON list of objects', '{}'],
    ['[0].model is missing or not usable', [{ to: TO }]],
    ['[0].model is missing or not usable; write a name of a model, in which one *', [{ model: 'a*b*', to: TO }]],
    ['[0].to is missing or not usable; write a list of 1 to 16', [{ model: 'm' }]],
    ['[0].to is missing or not usable', [{ model: 'm', to: [] }]],
    ['[0].to.0.provider is missing or not usable; write a text', [{ model: 'm', to: [{ model: 'x' }] }]],
    ['[0].to.0 has no member modle; did you mean model?', [{ model: 'm', to: [{ provider: 'a', modle: 'x' }] }]],
    [
      '[0].to.1.weight is missing or not usable; write a number',
      [{ model: 'm', to: [...TO, { ...TO[0], weight: -1 }] }],
    ],
    [
      '[1].to.0.provider is the name of no provider; there are a, b',
      [
        { model: 'm', to: TO },
        { model: 'n', to: [{ provider: 'c' }] },
      ],
    ],
    ['[0] has no member cashe; did you mean cache?', [{ model: 'm', to: TO, cashe: 'off' }]],
    ['[0].cache is missing or not usable; write `off`, `exact` or `both`', [{ model: 'm', to: TO, cache: 'no' }]],
    ['[0].clocks has no member first_byte_sec; did you mean', [{ model: 'm', to: TO, clocks: { first_byte_sec: 1 } }]],
    ['[0].clocks.plain_secs is missing or not usable', [{ model: 'm', to: TO, clocks: { plain_secs: 0 } }]],
    ['[0].skip.0 is missing or not usable; write a list of l1a, l1b, l2', [{ model: 'm', to: TO, skip: ['l3'] }]],
    [
      '[1] is never reached: all it is about is decided by [0]',
      [
        { model: 'g*', to: TO },
        { model: 'gpt-4o', to: TO },
      ],
    ],
    [
      '[1] is never reached',
      [
        { model: 'g*', to: TO },
        { model: 'gp*', to: TO },
      ],
    ],
  ])('is refused by the name of what is wrong: %s', (line, routes) => {
    expect(faultOf(routes)).toContain(line);
    expect(faultOf(routes)).toMatch(/^ISARTOR__L3__ROUTES/);
  });

  it.each([
    ['gpt-4o', 'gpt-4o', true],
    ['gpt-4o', 'gpt-4o-mini', false],
    ['gpt-*', 'gpt-4o', true],
    ['gpt-*', 'GPT-4o', false],
    ['*', '', true],
    ['*-mini', 'gpt-4o-mini', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a.c', 'abc', false],
  ])('%s is about %s: %s', (pattern, model, expected) => {
    expect(isAbout(pattern, model)).toBe(expected);
  });
});
