import { expect, it } from 'vitest';
import { readStandinSettings } from './standin-settings.ts';

it('has defaults, and takes what is set', () => {
  expect(readStandinSettings({})).toEqual({ port: 8089, tokensPerSecond: 50 });
  expect(readStandinSettings({ ISARTOR_STANDIN_PORT: '0', ISARTOR_STANDIN_TOKENS_PER_S: '2.5' })).toEqual({
    port: 0,
    tokensPerSecond: 2.5,
  });
});

it.each([
  ['ISARTOR_STANDIN_TOKENS_PER_S', '0'],
  ['ISARTOR_STANDIN_TOKENS_PER_S', 'fast'],
  ['ISARTOR_STANDIN_PORT', '70000'],
])('refuses %s=%s by its name', (name, value) => {
  expect(() => readStandinSettings({ [name]: value })).toThrow(`${name}=${value} does not fit`);
});
