import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['isartor-source', ...defaultClientConditions] },
  ssr: { resolve: { conditions: ['isartor-source', ...defaultServerConditions] } },
  test: {
    include: ['local/src/**/*.test.ts', 'e2e/**/*.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
