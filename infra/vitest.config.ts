import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['isartor-source', ...defaultServerConditions] } },
  test: {
    include: [
      'local/src/**/*.test.ts',
      'docker/**/*.test.ts',
      'e2e/**/*.test.ts',
      'soak/**/*.test.ts',
      'conformance/*.test.ts',
    ],
    // Much of the time is spent waiting for processes and sockets: two files at a time even on two cores.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
