import { encodeTenantRecord, tenantRecordKey } from '@isartor/shared';
import { fakeUpstream, wellBehaved } from '@isartor/shared/testing';
import { Redis } from 'ioredis';
import { afterEach, expect, it, vi } from 'vitest';
import { admin, ADMIN_KEY, answerOf, PURGE, recordOf } from '../support/administration.ts';
import { testRedis, type StartedRedis } from '../support/redis.ts';
import { startCore } from '../support/start-core.ts';

const KEY = tenantRecordKey('isartor', 'default');
const probe = await testRedis();
const skip = 'skip' in probe ? probe.skip : undefined;
if ('stop' in probe) await probe.stop();
const running: { stop(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

async function ownRedis(): Promise<StartedRedis> {
  const server = await testRedis({ own: true });
  if ('skip' in server) throw new Error(server.skip);
  running.push(server);
  return server;
}

it.skipIf(skip !== undefined)(
  'a change that replicas confirm is done, and one that they do not is a 503',
  async () => {
    const [primary, replica] = [await ownRedis(), await ownRedis()];
    const upstream = await fakeUpstream({ respond: wellBehaved });
    running.push({ stop: () => upstream.close() });
    const core = await startCore(upstream.url, {
      ISARTOR__ADMIN_KEY: ADMIN_KEY,
      ISARTOR__CACHE_BACKEND: 'redis',
      ISARTOR__REDIS_URL: primary.url,
      ISARTOR__REDIS_TIMEOUT_MS: '1000',
    });
    running.push(core);
    const onReplica = new Redis(replica.url);
    running.push({ stop: () => Promise.resolve(onReplica.disconnect()) });
    await vi.waitFor(
      async () =>
        expect(await (await core.get('/readyz')).json()).toMatchObject({ checks: { exact_cache: { status: 'up' } } }),
      { timeout: 10_000 },
    );
    await onReplica.replicaof('127.0.0.1', Number(new URL(primary.url).port));
    await vi.waitFor(async () => expect(await onReplica.info('replication')).toMatch(/master_link_status:up/), {
      timeout: 15_000,
    });
    const record = await recordOf(await admin(core, 'DELETE', PURGE));
    expect(await onReplica.get(KEY)).toBe(encodeTenantRecord(record));

    process.kill(replica.pid ?? 0, 'SIGSTOP');
    try {
      const asked = performance.now();
      const response = await admin(core, 'DELETE', PURGE);
      const answer = await answerOf(response);
      expect([response.status, answer]).toMatchObject([503, { error: 'unconfirmed' }]);
      expect(answer.message).toContain('only 0 of 1 replicas');
      expect(performance.now() - asked).toBeLessThan(6_000);
    } finally {
      process.kill(replica.pid ?? 0, 'SIGCONT');
    }
  },
  40_000,
);
