import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.ts';

/** The tests that take longer or load the machine: they run on the built core, `npm run build` first. */
export default defineConfig({
  ...ordinary,
  test: {
    ...ordinary.test,
    include: ['test/full/**/*.full.ts', 'test/model/**/*.full.ts'],
    testTimeout: 120_000,
    fileParallelism: false,
  },
});
