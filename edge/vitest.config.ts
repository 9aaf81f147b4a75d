import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

/** `shared` is consumed as source. */
const conditions = ['isartor-source', 'workerd', 'worker', 'module', 'browser'];

/** Two kinds of test: in workerd, where the Worker runs, and from outside, against `wrangler dev` itself. */
export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    projects: [
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: './wrangler.jsonc' },
            miniflare: {
              // What worker.ts reads when it is imported; the tests build Workers with settings of their own.
              bindings: { ISARTOR__CORE_URL: inject('coreA'), ISARTOR__GATEWAY_API_KEY: 'isolate-key' },
            },
          })),
        ],
        resolve: { conditions },
        ssr: { resolve: { conditions } },
        test: { name: 'workerd', include: ['src/**/*.test.ts'] },
      },
      {
        test: { name: 'outside', include: ['test/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
      },
    ],
  },
});
