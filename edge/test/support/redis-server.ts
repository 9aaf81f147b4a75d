import { testRedis } from '../../../infra/local/src/testing/index.ts';

/** A Redis for tests, and how to let it go. */
export interface TestRedis {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** The Redis that all workspaces test with; undefined, with one printed reason, where there is none. */
export async function startTestRedis(): Promise<TestRedis | undefined> {
  const redis = await testRedis();
  return 'skip' in redis ? undefined : { url: redis.url, stop: () => redis.stop() };
}
