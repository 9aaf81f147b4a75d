import { expect, it } from 'vitest';
import { topologyOf } from './redis-topology.ts';

const NONE = { tls: false, username: undefined, password: undefined, master: undefined };

it.each([
  ['redis://a', { ...NONE, form: 'single', hosts: [{ host: 'a', port: 6379 }] }],
  [
    'rediss://u:p%40s@[::1]:7000',
    {
      form: 'single',
      hosts: [{ host: '::1', port: 7000 }],
      tls: true,
      username: 'u',
      password: 'p@s',
      master: undefined,
    },
  ],
  [
    'redis+cluster://a:1,b',
    {
      ...NONE,
      form: 'cluster',
      hosts: [
        { host: 'a', port: 1 },
        { host: 'b', port: 6379 },
      ],
    },
  ],
  [
    'rediss+sentinel://:p:q@a,b:1/my%20master',
    {
      form: 'sentinel',
      hosts: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 1 },
      ],
      tls: true,
      username: undefined,
      password: 'p:q',
      master: 'my master',
    },
  ],
])('%s', (url, topology) => {
  expect(topologyOf(url)).toEqual(topology);
});

it.each(['http://a', 'redis+sentinel://', 'redis+cluster://a:x'])('%s is no Redis address', (url) => {
  expect(() => topologyOf(url)).toThrow(TypeError);
});
