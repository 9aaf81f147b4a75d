import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.ts';

/** The end-to-end tests that take longer. */
export default defineConfig({
  ...ordinary,
  test: {
    ...ordinary.test,
    include: ['e2e/full/**/*.full.ts', 'e2e/faults/*.full.ts', 'conformance/*.full.ts'],
    testTimeout: 170_000,
    fileParallelism: false,
  },
});
