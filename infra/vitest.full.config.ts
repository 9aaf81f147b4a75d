import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.ts';

const common = { ...ordinary.test, testTimeout: 170_000 };
/** What is measured here (leaks, how soon an abort arrives) must not share two cores with another test. */
const ALONE = ['e2e/full/soak.full.ts', 'e2e/full/redis-under-load.full.ts', 'e2e/faults/**/*.full.ts'];

/** The end-to-end tests that take longer. */
export default defineConfig({
  ...ordinary,
  test: {
    projects: [
      {
        ...ordinary,
        test: {
          ...common,
          name: 'beside others',
          include: ['e2e/full/**/*.full.ts', 'conformance/*.full.ts'],
          exclude: ALONE,
          sequence: { groupOrder: 0 },
        },
      },
      {
        ...ordinary,
        test: { ...common, name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
