import type { CoreHealth } from './core-health.ts';
import type { GuardedReader } from './guarded-reader.ts';

/**
 * What `/readyz` says. The edge can serve whenever it runs, so its dependencies are reported as they were last met and
 * never asked: a probe must not cost a read of a database that is paid by the read. Cores are told by their position in
 * ISARTOR__CORE_URL: who may read this need not know their addresses.
 */
export function readiness(redis: GuardedReader | undefined, cores: CoreHealth): () => object {
  return () => ({
    status: 'ready',
    dependencies: { redis: redis?.state ?? { state: 'not-configured' }, core: cores.report },
  });
}
