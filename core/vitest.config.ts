import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['isartor-source', ...defaultServerConditions] } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'eval/**/*.test.ts'],
    // Much of the time is spent waiting for processes and sockets: three files at a time even on two cores.
    maxWorkers: 3,
    // To load Nest, the SDKs and the rest anew for each file took a third of the time; each test starts its own core.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
