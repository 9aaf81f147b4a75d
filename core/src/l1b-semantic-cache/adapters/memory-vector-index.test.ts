import { describe, expect, test } from 'vitest';
import { direction, vectorIndexContract } from '../vector-index.contract.ts';
import { MemoryVectorIndex } from './memory-vector-index.ts';

const HOME = { tenant: 't', scope: 'a', epoch: '1-a', policy: 'p' };

function memoryIndex(maxElements = 10_000) {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const index = new MemoryVectorIndex(maxElements, () => now);
  const advance = (ms: number): void => {
    now += ms;
  };
  const add = (i: number, lifeMs = 60_000, partition = HOME): Promise<void> =>
    index.add(partition, direction(i), { digest: String(i), text: 'x', expiresAt: now + lifeMs });
  return { index, now: () => now, advance, add };
}

vectorIndexContract('memory', () => memoryIndex());

describe('a vector index in memory', () => {
  test('holds no more than it may, the one added longest ago leaving first', async () => {
    const { index, add } = memoryIndex(200);
    for (let i = 0; i < 500; i++) await add(i);
    expect(index.size).toBe(200);
    expect((await index.search(HOME, direction(299), 1))[0]?.digest).not.toBe('299');
    expect((await index.search(HOME, direction(300), 1))[0]?.digest).toBe('300');
    expect((await index.search(HOME, direction(499), 1))[0]?.digest).toBe('499');
  });

  test('keeps no more notes than elements, the latest ones', async () => {
    const { index, now } = memoryIndex(3);
    const note = (digest: string): Promise<boolean> => index.note(HOME, { digest, expiresAt: now() + 60_000 });
    for (const digest of ['a', 'b', 'c', 'd']) await note(digest);
    expect([await note('d'), await note('a')]).toEqual([true, false]);
  });

  test('lets go of all that is expired, by itself, after whatever pause', async () => {
    const { index, add, advance } = memoryIndex();
    for (let i = 0; i < 300; i++) await add(i, 1_000 + 97 * i, { ...HOME, scope: `scope ${i % 7}` });
    advance(10_000);
    await index.search(HOME, direction(1), 1);
    expect(index.size).toBe(300 - 93);
    advance(30 * 86_400_000);
    await index.search(HOME, direction(1), 1);
    expect(index.size).toBe(0);
  });

  test('does not take in what is expired already', async () => {
    const { index, add } = memoryIndex();
    await add(1, 0);
    expect(index.size).toBe(0);
  });
});
