import type { FakeUpstream } from '@isartor/shared/testing';
import { ReplicaPool } from '../../src/l2-small-model/replica-pool.ts';
import { startCore, type RunningCore } from './start-core.ts';

const READY_WITHIN_MS = 10_000;

/** Starts a core with a small model in front of the cloud, and waits until the pool is as `status` says. */
export async function startCoreWithPool(
  cloud: Pick<FakeUpstream, 'url'>,
  env: Readonly<Record<string, string>>,
  status: 'up' | 'degraded' | 'down' = 'up',
): Promise<RunningCore> {
  const core = await startCore(cloud.url, { ISARTOR__LAYER2__DECIDE: 'always', ...env });
  await untilPool(core, status);
  return core;
}

/** Waits until the pool is as `status` says. */
export async function untilPool(core: RunningCore, status: 'up' | 'degraded' | 'down'): Promise<void> {
  const pool = core.app.get<ReplicaPool>(ReplicaPool);
  const until = Date.now() + READY_WITHIN_MS;
  // Before the first check, nothing is known of any server.
  while (pool.health().status !== status || pool.health().detail === '0 of 0 servers ready') {
    if (Date.now() > until) throw new Error(`the pool is ${JSON.stringify(pool.health())}, not ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
