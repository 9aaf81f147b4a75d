import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.ts';

/** `npm run test:cluster`: a control plane for each file, and real processes in one of them. */
export default defineConfig({
  ...ordinary,
  test: {
    include: ['cluster/*.cluster.ts'],
    // The rollouts wait for clocks most of the time.
    maxWorkers: 3,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
