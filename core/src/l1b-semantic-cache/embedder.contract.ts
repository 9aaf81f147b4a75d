import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Embedder, Embedding } from './embedder.port.ts';

/** How an embedder under test is made, and what it is known not to represent. */
export interface EmbedderSubject {
  readonly make: () => Embedder;
  /** A text that has an unknown token for this model. */
  readonly unknown: string;
  /** A text that spells one of the tokenizer's special tokens; undefined where none can be spelt. */
  readonly special: string | undefined;
}

const PATIENCE_MS = 15_000;

/** What every embedder keeps; runs on the real thing. */
export function embedderContract(name: string, { make, unknown, special }: EmbedderSubject): void {
  describe(`${name} as an embedder`, () => {
    let embedder: Embedder;
    beforeAll(() => {
      embedder = make();
      embedder.start();
    });
    afterAll(() => embedder.close());
    const vectorOf = async (text: string): Promise<Float32Array> => vector(await embedder.embed(text, PATIENCE_MS));

    it('gives vectors of length 1 and of one dimension', async () => {
      const vectors = await Promise.all(['Why?', 'How do I reset my password?'].map(vectorOf));
      for (const each of vectors) expect(Math.hypot(...each)).toBeCloseTo(1, 4);
      expect(new Set(vectors.map(({ length }) => length)).size).toBe(1);
    });

    it('puts a paraphrase nearer than another question', async () => {
      const [asked, paraphrase, other] = await Promise.all(
        ['How do I reset my password?', 'How can I reset my password?', 'What do pandas eat?'].map(vectorOf),
      );
      expect(cosine(asked, paraphrase)).toBeGreaterThan(cosine(asked, other) + 0.2);
    });

    it('gives a text the same vector alone and among others', async () => {
      const text = 'How do I reset my password?';
      const alone = await vectorOf(text);
      const crowd = Array.from({ length: 20 }, (_, i) => `${'What do pandas eat in winter? '.repeat(i % 5)}Why ${i}?`);
      const [among] = await Promise.all([vectorOf(text), ...crowd.map(vectorOf)]);
      expect(cosine(alone, among)).toBeGreaterThan(0.9999);
    });

    it('says of a text beyond its window that it has none', async () => {
      expect(await embedder.embed('panda '.repeat(9_000), PATIENCE_MS)).toEqual({
        kind: 'unrepresentable',
        why: 'beyond-window',
      });
    });

    it('says of a text with an unknown token that it has none', async () => {
      expect(await embedder.embed(unknown, PATIENCE_MS)).toEqual({ kind: 'unrepresentable', why: 'unknown-token' });
    });

    it('says of a text that spells a special token that it has none', async ({ skip }) => {
      if (special === undefined) {
        skip('this tokenizer has no special token that can be spelt');
        return;
      }
      expect(await embedder.embed(special, PATIENCE_MS)).toEqual({ kind: 'unrepresentable', why: 'special-token' });
    });

    it('is up once it has answered', () => {
      expect(embedder.health().status).toBe('up');
    });

    it('fails what waits when it is closed, and all that comes later', async () => {
      const closing = make();
      closing.start();
      const waits = closing.embed('Why?', PATIENCE_MS);
      await Promise.all([expect(waits).rejects.toMatchObject({ fault: 'down' }), closing.close()]);
      await expect(closing.embed('Why?', PATIENCE_MS)).rejects.toMatchObject({ fault: 'down' });
    });
  });
}

function vector(embedding: Embedding): Float32Array {
  if (embedding.kind === 'vector') return embedding.vector;
  throw new TypeError(`no vector: ${embedding.why}`);
}

function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (a === undefined || b === undefined) throw new TypeError('a vector is missing');
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}
