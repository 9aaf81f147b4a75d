import { expect, it } from 'vitest';
import { modelSeed, runModel } from './run-model.ts';

it('hundreds of random operations against a simple model: nobody’s answer but one’s own, fresh, whole and not purged', async () => {
  expect(await runModel({ seed: modelSeed(), store: 'memory', runs: 20, mostOperations: 40 })).toBeGreaterThan(200);
}, 60_000);
