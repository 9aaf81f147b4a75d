import { expect, it } from 'vitest';
import { topologyOf } from './redis-topology.ts';

const NONE = { tls: false, username: undefined, password: undefined, master: undefined };

it.each([
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

it('leaves the address of one server to the client, whatever is in its password', () => {
  expect(topologyOf('redis://:p@ss%@h:1')).toBeUndefined();
});

it.each(['redis+sentinel://', 'redis+cluster://a:x'])('%s is no Redis address', (url) => {
  expect(() => topologyOf(url)).toThrow(TypeError);
});
