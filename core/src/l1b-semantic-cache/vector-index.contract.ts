import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Partition, VectorIndex } from './vector-index.port.ts';

/** An index under test, and its clock. */
export interface VectorIndexSubject {
  readonly index: VectorIndex;
  readonly now: () => number;
  /** Lets ms pass. */
  readonly advance: (ms: number) => Promise<void> | void;
}

const DIMENSION = 48;
const CHUNK = 50;
const HOME: Partition = { tenant: 't', scope: 'a', epoch: '1-a', policy: 'p' };
const HOUR_MS = 3_600_000;

/** What every vector index keeps; runs on the real thing. */
export function vectorIndexContract(name: string, make: () => Promise<VectorIndexSubject> | VectorIndexSubject): void {
  describe(`${name} as a vector index`, () => {
    let subject: VectorIndexSubject;
    beforeEach(async () => {
      subject = await make();
    });
    afterEach(() => subject.index.close());

    const add = (digest: string, vector: Float32Array, partition = HOME, lifeMs = HOUR_MS): Promise<void> =>
      subject.index.add(partition, vector, { digest, text: `text of ${digest}`, expiresAt: subject.now() + lifeMs });
    const found = async (vector: Float32Array, count = 5, partition = HOME): Promise<string[]> =>
      (await subject.index.search(partition, vector, count)).map(({ digest }) => digest);

    it('finds nothing in an empty partition', async () => {
      expect(await found(direction(1))).toEqual([]);
    });

    it('finds the nearest first, with text and cosine', async () => {
      await add('far', direction(2));
      await add('near', blend(direction(1), direction(2), 0.9));
      const [first, second] = await subject.index.search(HOME, direction(1), 5);
      expect(first).toMatchObject({ digest: 'near', text: 'text of near' });
      expect(first?.cosine).toBeCloseTo(dot(direction(1), blend(direction(1), direction(2), 0.9)), 2);
      expect(second?.digest).toBe('far');
    });

    it.each([
      ['tenant', { ...HOME, tenant: 'u' }],
      ['scope', { ...HOME, scope: 'b' }],
      ['epoch', { ...HOME, epoch: '2-b' }],
      ['policy', { ...HOME, policy: 'q' }],
    ])('does not find what lies in another %s', async (_what, partition) => {
      await add('home', direction(1));
      expect(await found(direction(1), 5, partition)).toEqual([]);
    });

    it('keeps one element a digest, the last', async () => {
      await add('one', direction(1));
      await add('one', direction(2));
      expect(await found(direction(2))).toEqual(['one']);
    });

    it('finds no more what was removed, and removes what is not there', async () => {
      await add('one', direction(1));
      await subject.index.remove(HOME, { digest: 'one', text: 'text of one' });
      await subject.index.remove(HOME, { digest: 'one', text: 'text of one' });
      expect(await found(direction(1))).toEqual([]);
    });

    it('finds no more what is expired', async () => {
      await add('one', direction(1), HOME, 1_500);
      await subject.advance(1_499);
      expect(await found(direction(1))).toEqual(['one']);
      await subject.advance(1);
      expect(await found(direction(1))).toEqual([]);
    });

    it('knows a question that was noted before, and finds nothing by it', async () => {
      const note = (digest: string, partition = HOME): Promise<boolean> =>
        subject.index.note(partition, { digest, expiresAt: subject.now() + 1_500 });
      expect([await note('one'), await note('two'), await note('one')]).toEqual([false, false, true]);
      expect(await found(direction(1))).toEqual([]);
      // After a purge it counts anew, and so it does after its time.
      expect(await note('one', { ...HOME, epoch: '2-b' })).toBe(false);
      await subject.advance(1_500);
      expect([await note('two'), await note('two')]).toEqual([false, true]);
    });

    it('finds the one living element behind 2 000 expired ones that are nearer', async () => {
      const asked = direction(1);
      await inChunks(2_000, (i) => {
        return add(`old ${i}`, blend(asked, direction(i + 10), 0.99), HOME, 1_000 + (i % 700));
      });
      await add('living', blend(asked, direction(5), 0.7));
      await subject.advance(1_700);
      expect(await found(asked, 1)).toEqual(['living']);
    });

    it('finds nearly always the nearest of 3 000', async () => {
      const vectors = Array.from({ length: 3_000 }, (_, i) => direction(i + 1));
      await inChunks(vectors.length, (i) => add(String(i), vectors[i] ?? direction(0)));
      let right = 0;
      for (let i = 0; i < 100; i++) {
        const near = blend(vectors[i * 30] ?? direction(0), direction(9_000 + i), 0.9);
        if ((await found(near, 1))[0] === String(i * 30)) right += 1;
      }
      expect(right).toBeGreaterThanOrEqual(98);
    });
  });
}

/** As a busy cache does it: some at a time. */
async function inChunks(count: number, work: (i: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < count; from += CHUNK) {
    await Promise.all(Array.from({ length: Math.min(CHUNK, count - from) }, (_, i) => work(from + i)));
  }
}

/** A direction of its own for each number, always the same. */
export function direction(seed: number): Float32Array {
  let state = (seed + 1) * 0x9e3779b1;
  const vector = Float32Array.from({ length: DIMENSION }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    state = Math.imul(state ^ (state >>> 12), 0x297a2d39) + 0x9e3779b9;
    return ((state ^ (state >>> 15)) >>> 0) / 2 ** 31 - 1;
  });
  return normalised(vector);
}

function blend(a: Float32Array, b: Float32Array, share: number): Float32Array {
  return normalised(a.map((value, i) => share * value + (1 - share) * (b[i] ?? 0)));
}

function normalised(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
