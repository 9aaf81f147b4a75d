import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

/** Tests that need node: beyond what workerd has: a listening server, the file system, the official SDK against it. */
const NODE_ONLY = 'src/**/*.node.test.ts';

/** Runs of each property; `npm run test:full` raises it. Workerd has no environment, so both runtimes get it this way. */
const propertyRuns = Number(process.env['ISARTOR_PROPERTY_RUNS'] ?? 100);
const common = { provide: { propertyRuns }, testTimeout: 10_000 + 50 * propertyRuns };

declare module 'vitest' {
  export interface ProvidedContext {
    propertyRuns: number;
  }
}

/** Everything that is pure runs in both runtimes, on the same vectors. */
export default defineConfig({
  test: {
    // Nothing here keeps state that one file could leave to the next, and a worker a file costs more than the tests.
    isolate: false,
    projects: [
      { test: { name: 'node', include: ['src/**/*.test.ts'], ...common } },
      {
        plugins: [
          cloudflareTest({
            miniflare: { compatibilityDate: '2026-09-01', compatibilityFlags: ['nodejs_compat'] },
          }),
        ],
        test: { name: 'workerd', include: ['src/**/*.test.ts'], exclude: [NODE_ONLY], ...common },
      },
    ],
  },
});
