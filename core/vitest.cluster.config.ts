import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.ts';

/** The tests with several Redis servers that stand in for each other: `npm run test:cluster`. */
export default defineConfig({
  ...ordinary,
  test: {
    ...ordinary.test,
    include: ['test/topologies/**/*.cluster.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
