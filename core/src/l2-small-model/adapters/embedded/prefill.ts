import type { LlamaSequence } from './llama-library.ts';

/** Tokens that are read at a time: what has begun is not interrupted, and more at a time is hardly quicker. */
const BATCH_TOKENS = 128;

/**
 * Reads a prompt into a sequence, but for what the sequence begins with already. The library reads a prompt to its end
 * whoever has left meanwhile, which for a long one takes many seconds; this stops after a batch.
 *
 * Rejects with the signal's reason.
 */
export async function prefill(sequence: LlamaSequence, prompt: readonly number[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await sequence.adaptStateToTokens(prompt, false);
  for (let at = sequence.nextTokenIndex; at < prompt.length; at += BATCH_TOKENS) {
    signal.throwIfAborted();
    await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(at, at + BATCH_TOKENS));
  }
  signal.throwIfAborted();
}
