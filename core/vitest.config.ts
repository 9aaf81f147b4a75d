import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// What packages offer to bundlers under `module`, Node does not ask for, and AWS's does not load in it.
const nodeConditions = defaultServerConditions.filter((condition) => condition !== 'module');

export default defineConfig({
  ssr: { resolve: { conditions: ['isartor-source', ...nodeConditions] } },
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
