import { describe, expect, it } from 'vitest';
import { testRedis } from '../support/redis.ts';
import { modelSeed, runModel } from './run-model.ts';

const probe = await testRedis();
const skip = 'skip' in probe ? probe.skip : undefined;
if ('stop' in probe) await probe.stop();

describe('thousands of random operations against a simple model', () => {
  it('in memory', async () => {
    expect(await runModel({ seed: modelSeed(), store: 'memory', runs: 60, mostOperations: 100 })).toBeGreaterThan(
      1_800,
    );
  }, 300_000);

  it.skipIf(skip !== undefined)(
    `two cores on one Redis (${skip ?? 'real'})`,
    async () => {
      expect(await runModel({ seed: modelSeed(), store: 'redis', runs: 36, mostOperations: 80 })).toBeGreaterThan(900);
    },
    300_000,
  );
});
