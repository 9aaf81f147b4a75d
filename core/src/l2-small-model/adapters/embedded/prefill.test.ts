import { expect, test } from 'vitest';
import type { LlamaSequence } from './llama-library.ts';
import { prefill } from './prefill.ts';

/** A sequence that begins with so many of a prompt's tokens, and what it is asked to read. */
function sequence(known: number, onRead: (read: readonly number[]) => void = () => undefined) {
  const batches: (readonly number[])[] = [];
  const unexpected = () => Promise.reject(new Error('not asked in these tests'));
  const fake: LlamaSequence = {
    nextTokenIndex: known,
    clearHistory: unexpected,
    controlledEvaluate: unexpected,
    adaptStateToTokens: async () => undefined,
    evaluateWithoutGeneratingNewTokens: async (tokens) => {
      batches.push(tokens);
      onRead(tokens);
    },
  };
  return { fake, batches };
}

const prompt = Array.from({ length: 1_000 }, (_, at) => at);

test('reads what is not known yet, in its order and in bounded pieces', async () => {
  const { fake, batches } = sequence(300);
  await prefill(fake, prompt, new AbortController().signal);
  expect(batches.flat()).toEqual(prompt.slice(300));
  expect(Math.max(...batches.map(({ length }) => length))).toBeLessThanOrEqual(128);
});

test('reads nothing more for who has left', async () => {
  const client = new AbortController();
  const { fake, batches } = sequence(0, () => {
    if (batches.length === 2) client.abort(new Error('left'));
  });
  await expect(prefill(fake, prompt, client.signal)).rejects.toThrow('left');
  expect(batches).toHaveLength(2);
  await expect(prefill(fake, prompt, client.signal)).rejects.toThrow('left');
  expect(batches).toHaveLength(2);
});
