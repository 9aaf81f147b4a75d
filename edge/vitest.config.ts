import { join } from 'node:path';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

/** `shared` is consumed as source. */
function sourceOn(...runtime: string[]): { resolve: object; ssr: { resolve: object } } {
  const resolve = { conditions: ['isartor-source', ...runtime] };
  return { resolve, ssr: { resolve } };
}

/** For the global setup, which vitest loads without the conditions above. */
const source = [
  { find: /^@isartor\/shared$/, replacement: join(import.meta.dirname, '..', 'shared', 'src', 'index.ts') },
];

const inWorkerd = sourceOn('workerd', 'worker', 'module', 'browser');
const inNode = sourceOn('node', 'module');

/** Two kinds of test: in workerd, where the Worker runs, and from outside, against `wrangler dev` itself. */
export default defineConfig({
  ...inNode,
  resolve: { ...inNode.resolve, alias: source },
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    projects: [
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: './wrangler.jsonc' },
            // Each dropped connection of these tests would be a paragraph of workerd's own.
            verbose: false,
            miniflare: {
              // What worker.ts reads when it is imported; the tests build Workers with settings of their own.
              bindings: { ISARTOR__CORE_URL: inject('coreA'), ISARTOR__GATEWAY_API_KEY: 'isolate-key' },
            },
          })),
        ],
        ...inWorkerd,
        // Each edge under test has a state and a namespace of its own, so files may share an isolate.
        test: { name: 'workerd', include: ['src/**/*.test.ts'], isolate: false },
      },
      {
        ...inNode,
        test: {
          name: 'outside',
          include: ['test/**/*.test.ts'],
          isolate: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});
