import { afterAll, beforeAll, describe, it } from 'vitest';
import { observe } from '../observe.ts';
import { PAIRS, rowsOfPair } from './pairs.ts';
import { startPairs, type StartedPairs } from './start-pairs.ts';

let started: StartedPairs;

beforeAll(async () => {
  started = await startPairs();
});
afterAll(() => started.stop());

// Side by side, for most of it is waiting.
describe.concurrent('a surface before a provider', () => {
  it.for(PAIRS)('$surface before $dialect, at $site: every fault has its one outcome', async (pair, { expect }) => {
    const target = started.targetOf(pair);
    for (const row of rowsOfPair(pair)) {
      const outcome = await observe(target, row.fault, row.form);
      expect.soft(outcome, `${row.fault.title}, ${row.form}`).toEqual(row.fault.must[row.form]);
    }
  });
});
