import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const isEndToEnd = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/e2e/');

/** The end-to-end tests first: one of them begun last would run alone for half of the time. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- vitest's own method
    const sorted = await super.sort(files);
    return [...sorted.filter(isEndToEnd), ...sorted.filter((file) => !isEndToEnd(file))];
  }
}

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
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
