import type { FakeUpstream } from '@isartor/shared/testing';
import { ReplicaPool } from '../../src/l2-small-model/replica-pool.ts';
import { startCore, type RunningCore } from './start-core.ts';

const READY_WITHIN_MS = 10_000;

/** How a pool is; `usable`: some of it is up. */
export type PoolStatus = 'up' | 'degraded' | 'down' | 'usable';

/** Starts a core with a small model in front of the cloud, and waits until the pool is as `status` says. */
export async function startCoreWithPool(
  cloud: Pick<FakeUpstream, 'url'>,
  env: Readonly<Record<string, string>>,
  status: PoolStatus = 'up',
): Promise<RunningCore> {
  const core = await startCore(cloud.url, { ISARTOR__LAYER2__DECIDE: 'always', ...env });
  await untilPool(core, status);
  return core;
}

/** Waits until the pool is as `status` says. */
export async function untilPool(core: RunningCore, status: PoolStatus): Promise<void> {
  const pool = core.app.get<ReplicaPool>(ReplicaPool);
  const until = Date.now() + READY_WITHIN_MS;
  const isSo = (): boolean => {
    const { status: now, detail } = pool.health();
    // Before the first check, nothing is known of any server.
    if (detail === '0 of 0 servers ready') return false;
    return status === 'usable' ? now !== 'down' : now === status;
  };
  while (!isSo()) {
    if (Date.now() > until) throw new Error(`the pool is ${JSON.stringify(pool.health())}, not ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
