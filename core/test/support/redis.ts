// One way to get a real Redis for all workspaces' tests; by path, since infra depends on the core and not the other way.
export { testRedis, type StartedRedis } from '../../../infra/local/src/testing/index.ts';
