import fc from 'fast-check';
import { operations, tally } from './commands.ts';
import { System } from './system.ts';

/** How much is tried. */
export interface ModelRun {
  readonly store: 'memory' | 'redis';
  readonly runs: number;
  readonly mostOperations: number;
  /** To see a counterexample again. */
  readonly seed?: number;
}

/** The same operations each time, so that a failure is a change's and not chance's; another seed by the environment. */
export function modelSeed(): number {
  return Number(process.env['ISARTOR_PROPERTY_SEED'] ?? 20_261_124);
}

/** Checks the cache against its model; throws with the shortest counterexample found. Resolves with the operations done. */
export async function runModel({ store, runs, mostOperations, seed }: ModelRun): Promise<number> {
  const system = await System.start(store);
  tally.operations = 0;
  try {
    const property = fc.asyncProperty(operations(store, mostOperations), async (sequence) => {
      system.upstream.fault = undefined;
      const model = await system.newRun();
      try {
        await fc.asyncModelRun(() => ({ model, real: system }), sequence);
      } catch (error) {
        // What it has left shut must not fail the shorter runs to come.
        system.upstream.openAll();
        await system.untilIdle().catch(() => undefined);
        throw error;
      }
      await system.untilIdle();
    });
    await fc.assert(property, {
      numRuns: runs,
      verbose: fc.VerbosityLevel.Verbose,
      ...(seed !== undefined && { seed }),
    });
  } finally {
    await system.stop();
  }
  return tally.operations;
}
