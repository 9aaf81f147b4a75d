import { describe, expect, it } from 'vitest';
import { Fault } from './fault.ts';
import { formatHostPort, isLoopback, localUrl, parseHostPort } from './host-port.ts';

describe('a place to listen', () => {
  it.each([
    ['8787', { host: '127.0.0.1', port: 8787 }],
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['[::1]:8787', { host: '::1', port: 8787 }],
  ])('is read from %s', (text, expected) => {
    expect(parseHostPort('NAME', text, '127.0.0.1')).toEqual(expected);
    expect(parseHostPort('NAME', formatHostPort(expected), 'x')).toEqual(expected);
  });

  it.each(['', '0', '65536', 'host', 'http://host:80', '::1:80', '80a'])(
    'is refused as %j, by the name of the setting',
    (text) => {
      expect(() => parseHostPort('NAME', text, '127.0.0.1')).toThrow(Fault);
      expect(() => parseHostPort('NAME', text, '127.0.0.1')).toThrow(/^NAME=/);
    },
  );

  it('on every address is reached by loopback', () => {
    expect(localUrl({ host: '0.0.0.0', port: 1 })).toBe('http://127.0.0.1:1');
    expect(localUrl({ host: '::', port: 1 })).toBe('http://[::1]:1');
  });
});

it.each([
  ['localhost', true],
  ['127.0.0.53', true],
  ['::1', true],
  ['[::1]', true],
  ['127.0.0.1.example.com', false],
  ['10.0.0.1', false],
  ['redis', false],
])('knows whether %s is the machine itself', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
