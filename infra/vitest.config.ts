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
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
