import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Environment } from './environment.ts';
import { portOf } from './port-of.ts';
import { planStack, type StackPlan } from './stack-plan.ts';
import { curlLine, summaryLines } from './summary.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'stack plan '))));
afterEach(() => rmSync(root, { recursive: true }));

const plan = (env: Environment): Promise<StackPlan> => planStack(env, { root, stateDir: join(root, '.isartor') });

describe('without any setting', () => {
  it('the stand-in answers, in a namespace of its own, and a kept key opens the door', async () => {
    const first = await plan({});
    expect(first.standin).toMatchObject({ tokensPerSecond: 50 });
    expect(first.coreEnv).toMatchObject({
      ISARTOR__EXTERNAL_LLM_URL: first.providerUrl,
      ISARTOR__EXTERNAL_LLM_MODEL: 'isartor-standin',
      ISARTOR__CACHE_NAMESPACE: 'standin',
    });
    expect(first.worker.variables).toMatchObject({ ISARTOR__CACHE_NAMESPACE: 'standin' });
    expect(first.coreEnv['ISARTOR__GATEWAY_API_KEY']).toMatch(/^isk-dev-/);
    const second = await plan({});
    expect(second.key).toEqual(first.key);
    expect(first.coreEnv['ISARTOR__EDGE_SECRET']).toBe(first.worker.secrets['ISARTOR__EDGE_SECRET']);
    expect(second.worker.secrets['ISARTOR__EDGE_SECRET']).not.toBe(first.worker.secrets['ISARTOR__EDGE_SECRET']);
  });

  it('the line to paste is complete', async () => {
    const made = await plan({});
    const line = curlLine(made);
    expect(line).toMatch(
      /^curl -i http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions -H "authorization: Bearer isk-dev-[0-9a-f]{32}" /,
    );
    expect(summaryLines(made, 1.23).join('\n')).toContain(line);
  });
});

describe('a configured provider', () => {
  it.each([{ ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-real' }, { ISARTOR__EXTERNAL_LLM_URL: 'http://127.0.0.1:11434/v1' }])(
    'is used in place of the stand-in: %j',
    async (env) => {
      const made = await plan(env);
      expect(made.standin).toBeUndefined();
      expect(made.coreEnv).toMatchObject(env);
      expect(made.coreEnv['ISARTOR__CACHE_NAMESPACE']).toBeUndefined();
      expect(JSON.stringify(made.worker)).not.toContain('sk-real');
    },
  );

  it('may stand in isartor.yaml too', async () => {
    writeFileSync(
      join(root, 'isartor.yaml'),
      'external_llm:\n  url: http://127.0.0.1:11434/v1\ncache_ttl_secs: 60\ngateway_api_key: from-the-file-1234\n',
    );
    const made = await plan({});
    expect(made.standin).toBeUndefined();
    expect(made.worker.variables).toMatchObject({ ISARTOR__CACHE_TTL_SECS: '60' });
    expect(made.worker.secrets).toMatchObject({ ISARTOR__GATEWAY_API_KEY: 'from-the-file-1234' });
  });

  it('is never OPENAI_API_KEY by itself: the line that would use it is told', async () => {
    const made = await plan({ OPENAI_API_KEY: 'sk-secret' });
    expect(made.standin).toBeDefined();
    expect(made.notices).toContain(
      'OPENAI_API_KEY is set and not used; to use it: ISARTOR__EXTERNAL_LLM_API_KEY="$OPENAI_API_KEY" npm start',
    );
    expect(JSON.stringify(made)).not.toContain('sk-secret');
  });
});

describe('keys', () => {
  it('that are configured are used and not printed', async () => {
    const made = await plan({ ISARTOR__GATEWAY_API_KEY: 'configured-key-123' });
    expect(made.worker.secrets).toMatchObject({ ISARTOR__GATEWAY_API_KEY: 'configured-key-123' });
    expect(summaryLines(made, 1).join('\n')).not.toContain('configured-key-123');
  });

  it('are not asked for with AUTH__MODE=off', async () => {
    const made = await plan({ ISARTOR__AUTH__MODE: 'off' });
    expect(made.key).toBeUndefined();
    expect(curlLine(made)).not.toContain('authorization');
  });

  it('of tenants reach the Worker as hashes', async () => {
    const keys = [{ tenant: 'acme', name: 'ci', sha256: 'a'.repeat(64) }];
    const made = await plan({ ISARTOR__AUTH__KEYS: JSON.stringify(keys) });
    expect(made.key).toBeUndefined();
    expect(JSON.parse(made.worker.secrets['ISARTOR__AUTH__KEYS'] ?? '')).toMatchObject(keys);
  });
});

describe('Redis', () => {
  it('is read by the Worker through a REST server with a token of its own', async () => {
    const made = await plan({ ISARTOR__CACHE_BACKEND: 'redis', ISARTOR__REDIS_URL: 'redis://127.0.0.1:6390/3' });
    expect(made.restServer?.redisUrl).toBe('redis://127.0.0.1:6390/3');
    expect(made.worker.variables).toMatchObject({
      UPSTASH_REDIS_REST_URL: `http://127.0.0.1:${made.restServer?.port}`,
      ISARTOR__UPSTASH_BASE64: 'false',
    });
    expect(made.worker.secrets).toMatchObject({ UPSTASH_REDIS_REST_TOKEN: made.restServer?.token });
    expect(made.coreEnv['UPSTASH_REDIS_REST_TOKEN']).toBeUndefined();
  });

  it('of another machine is refused for the stand-in, and taken for a real provider', async () => {
    const env = { ISARTOR__CACHE_BACKEND: 'redis', ISARTOR__REDIS_URL: 'redis://redis.example.com:6379' };
    await expect(plan(env)).rejects.toThrow(
      /^ISARTOR__REDIS_URL: the stand-in's answers are kept on this machine only/,
    );
    expect((await plan({ ...env, ISARTOR__EXTERNAL_LLM_API_KEY: 'sk-real' })).cache).toBe('redis');
  });
});

describe('faults', () => {
  const server = createServer().listen(0, '127.0.0.1');
  afterAll(() => server.close());

  it.each([
    [{ ISARTOR__CACHE_TTL_SECS: 'soon' }, /^ISARTOR__CACHE_TTL_SECS: /],
    [{ ISARTOR__CACHE_TTL: '5' }, /^ISARTOR__CACHE_TTL: no setting has this name; did you mean/],
    [{ ISARTOR_EDGE_PORT: 'x' }, /^ISARTOR_EDGE_PORT=x is no port/],
    [{ ISARTOR_STANDIN_TOKENS_PER_S: '-1' }, /^ISARTOR_STANDIN_TOKENS_PER_S=-1 does not fit/],
    [
      { ISARTOR__EDGE_ONLY: 'true', ISARTOR__ADMIN_KEY: 'same-key-123', ISARTOR__GATEWAY_API_KEY: 'same-key-123' },
      /^ISARTOR__ADMIN_KEY: /,
    ],
  ])('are told before anything starts, one line each: %j', async (env, line) => {
    await expect(plan(env)).rejects.toThrow(line);
  });

  it('a configured port that is taken is one, for edge and core', async () => {
    if (!server.listening) await once(server, 'listening');
    const port = portOf(server);
    await expect(plan({ ISARTOR_EDGE_PORT: String(port) })).rejects.toThrow(
      /^ISARTOR_EDGE_PORT: port \d+ on 127\.0\.0\.1 is taken/,
    );
    await expect(plan({ ISARTOR__HOST_PORT: `127.0.0.1:${port}` })).rejects.toThrow(
      /^ISARTOR__HOST_PORT: port \d+ on 127\.0\.0\.1 is taken/,
    );
  });
});
