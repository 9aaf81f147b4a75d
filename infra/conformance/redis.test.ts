import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentOf, type Secrets } from './support/gateway-environment.ts';
import { pick } from './support/kubernetes-object.ts';
import { at, podTemplates } from './support/pods.ts';
import { cannotRender, render } from './support/render.ts';
import { startCore } from './support/start-core.ts';
import { redisFolder, startRedisOf, type ManifestRedis } from './support/start-redis-of.ts';

const PASSWORD = '0123456789abcdef';
const SECRETS: Secrets = {
  'isartor-gateway-secret': { 'gateway-api-key': 'k' },
  'isartor-llm-secret': { 'api-key': 'sk-...' },
  'isartor-redis-secret': { password: PASSWORD },
};

const skip = cannotRender() || redisFolder() === undefined;

describe.skipIf(skip)("the manifests' Redis, started by its own command with its own configuration", () => {
  const base = skip ? [] : render('base');
  const folder = mkdtempSync(join(tmpdir(), 'isartor-redis-'));
  let server: ManifestRedis;
  let redis: Redis;

  const start = async (): Promise<void> => {
    server = await startRedisOf(base, PASSWORD, folder);
    redis = new Redis(`redis://:${PASSWORD}@${server.address}`);
  };

  beforeAll(start);

  afterAll(async () => {
    redis.disconnect();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('is the one that the gateway of the same manifests finds, with the password of the Secret', async () => {
    const env = environmentOf(base, 'Deployment/isartor-gateway', SECRETS);
    const url = String(env['ISARTOR__REDIS_URL']).replace('redis.isartor:6379', server.address);
    const core = await startCore({ ...env, ISARTOR__REDIS_URL: url });
    try {
      const answer = await fetch(`${core.origin}/readyz`, { signal: AbortSignal.timeout(10_000) });
      expect(await answer.json()).toMatchObject({ checks: { exact_cache: { status: 'up' } } });
    } finally {
      await core.stop();
    }
  });

  it('answers nobody without the password', async () => {
    const [host = '', port = ''] = server.address.split(':');
    const stranger = new Redis(Number(port), host, {
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    stranger.on('error', () => undefined);
    await expect(stranger.get('a')).rejects.toThrow('NOAUTH');
    stranger.disconnect();
  });

  it('never evicts what does not expire, and stays below the limit of its container', async () => {
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'volatile-lru']);
    const [, maxmemory] = await redis.config('GET', 'maxmemory');
    const [pod] = podTemplates([pick(base, 'StatefulSet/redis')]);
    const limit = at(pod?.containers[0]?.spec, 'resources', 'limits', 'memory');
    expect(limit).toBe('1Gi');
    expect(Number(maxmemory)).toBe(512 * 1024 ** 2);
  });

  it('has vector sets', async () => {
    expect(await redis.call('VADD', 'vectors', 'VALUES', '2', '1', '0', 'one')).toBe(1);
  });

  it('keeps what it holds when its pod is replaced', async () => {
    await redis.set('kept', 'yes');
    redis.disconnect();
    await server.stop();
    await start();
    expect(await redis.get('kept')).toBe('yes');
  });
});
