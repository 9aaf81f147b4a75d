import { expect, test } from 'vitest';
import type { z } from 'zod';
import { apiBaseUrl, endpointUrl, hostPort, redisAddress, serverRootUrl } from './address-types.ts';

const single = (url: string, db?: number) => ({ form: 'single', url, db });

const ACCEPTED: readonly (readonly [name: string, type: z.ZodType, given: unknown, value: unknown])[] = [
  ['host and port', hostPort(), '0.0.0.0:8080', { host: '0.0.0.0', port: 8080 }],
  ['host and port', hostPort(), 'localhost:0', { host: 'localhost', port: 0 }],
  ['host and port', hostPort(), '[::]:8080', { host: '::', port: 8080 }],
  ['host and port', hostPort(), '[fe80::1]:65535', { host: 'fe80::1', port: 65_535 }],
  ['API base', apiBaseUrl(), 'https://api.openai.com/v1', 'https://api.openai.com/v1'],
  ['API base', apiBaseUrl(), 'https://api.openai.com/v1/', 'https://api.openai.com/v1'],
  ['API base', apiBaseUrl(), 'http://LLM:8000/v1/chat/completions', 'http://llm:8000/v1'],
  ['API base', apiBaseUrl(), 'http://llm:8000/v1/chat/completions/', 'http://llm:8000/v1'],
  ['API base', apiBaseUrl(), 'http://[::1]:8000', 'http://[::1]:8000'],
  ['API base', apiBaseUrl(), 'https://proxy.example/a/b', 'https://proxy.example/a/b'],
  ['server root', serverRootUrl(), 'http://pool:8081', 'http://pool:8081'],
  ['server root', serverRootUrl(), 'http://pool:8081/v1/', 'http://pool:8081'],
  ['server root', serverRootUrl(), 'http://pool:8081/v1/chat/completions', 'http://pool:8081'],
  ['server root', serverRootUrl(), 'http://pool:8081/v1/embeddings', 'http://pool:8081'],
  ['server root', serverRootUrl(), 'http://pool/tenant', 'http://pool/tenant'],
  ['endpoint', endpointUrl(), 'http://collector:4317', 'http://collector:4317'],
  ['Redis', redisAddress(), 'redis://redis.isartor:6379', single('redis://redis.isartor:6379')],
  ['Redis', redisAddress(), 'redis://redis:6379/', single('redis://redis:6379')],
  ['Redis', redisAddress(), 'redis://redis:6379/2', single('redis://redis:6379', 2)],
  ['Redis', redisAddress(), 'rediss://u:p%40w@r.example', single('rediss://u:p%40w@r.example')],
  ['Redis', redisAddress(), 'redis://:p@[::1]:6379/0', single('redis://:p@[::1]:6379', 0)],
  [
    'Redis',
    redisAddress(),
    'redis+sentinel://:p@a:26379,b:26379/mymaster/1',
    { form: 'sentinel', url: 'redis+sentinel://:p@a:26379,b:26379/mymaster', db: 1 },
  ],
  [
    'Redis',
    redisAddress(),
    'rediss+cluster://a:6379,b:6379',
    { form: 'cluster', url: 'rediss+cluster://a:6379,b:6379', db: undefined },
  ],
];

/** The words of the issue's own message, or undefined: the type's description says what to write. */
const REFUSED: readonly (readonly [name: string, type: z.ZodType, given: unknown, message: string | undefined])[] = [
  ['host and port', hostPort(), '8080', 'is not an address and a port'],
  ['host and port', hostPort(), ':8080', 'is not an address and a port'],
  ['host and port', hostPort(), '0.0.0.0', 'is not an address and a port'],
  ['host and port', hostPort(), '0.0.0.0:65536', 'is not an address and a port'],
  ['host and port', hostPort(), ':::8080', 'is not an address and a port'],
  ['host and port', hostPort(), '[::g]:8080', 'is not an address and a port'],
  ['host and port', hostPort(), 'http://0.0.0.0:8080', 'is not an address and a port'],
  ['host and port', hostPort(), 8080, undefined],
  ['API base', apiBaseUrl(), 'api.openai.com/v1', 'is not an http or https address'],
  ['API base', apiBaseUrl(), 'ftp://api.openai.com/v1', 'is not an http or https address'],
  ['API base', apiBaseUrl(), 'http:api.openai.com', 'is not an http or https address'],
  ['API base', apiBaseUrl(), 'http://a b/v1', 'is not an http or https address'],
  ['API base', apiBaseUrl(), 'http://a\\b/v1', 'is not an http or https address'],
  ['API base', apiBaseUrl(), 'http://:80/v1', 'is not an http or https address'],
  ['API base', apiBaseUrl(), 'https://user:pass@llm/v1', 'holds credentials'],
  ['API base', apiBaseUrl(), 'https://token@llm/v1', 'holds credentials'],
  ['API base', apiBaseUrl(), 'https://llm/v1?key=secret', 'has a query or a fragment'],
  ['API base', apiBaseUrl(), 'https://llm/v1#top', 'has a query or a fragment'],
  ['Redis', redisAddress(), 'http://redis:6379', 'is not a Redis address'],
  ['Redis', redisAddress(), 'redis:6379', 'is not a Redis address'],
  ['Redis', redisAddress(), 'redis:///0', 'is not a Redis address'],
  ['Redis', redisAddress(), 'redis://:p#w@host:6379', 'is not a Redis address'],
  ['Redis', redisAddress(), 'redis://redis:6379/zero', 'has a path that is not a database number'],
  ['Redis', redisAddress(), 'redis://redis:6379?db=1', 'has a query or a fragment'],
  ['Redis', redisAddress(), 'redis+sentinel://a:26379', 'is not a Sentinel address'],
  ['Redis', redisAddress(), 'redis+cluster://:50%off@a:6379', 'has a % that is not written %25'],
  ['Redis', redisAddress(), 'redis+cluster://a:6379,', 'is not a Cluster address'],
];

test.each(ACCEPTED.map(([name, type, given, value]) => [name, given, value, type] as const))(
  '%s: %o is read as %o',
  (_name, given, value, type) => {
    expect(type.parse(given)).toEqual(value);
    expect(type.description).toMatch(/\S/);
  },
);

test.each(REFUSED.map(([name, type, given, message]) => [name, given, message, type] as const))(
  '%s: %o is refused (%s)',
  (_name, given, message, type) => {
    const { error } = type.safeParse(given);
    expect(error).toBeDefined();
    const custom = error?.issues.find((issue) => issue.code === 'custom')?.message;
    if (message === undefined) expect(custom).toBeUndefined();
    else expect(custom).toContain(message);
  },
);
