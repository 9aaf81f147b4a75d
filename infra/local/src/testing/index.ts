// For the tests of all workspaces; nothing here runs outside of tests.
export { testRedis, type StartedRedis, type TestRedis } from './start-redis.ts';
