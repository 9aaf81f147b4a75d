import type { SharedV4ProviderOptions } from '@ai-sdk/provider';
import { z } from 'zod';

/** How long-winded the answer is to be. */
export const VERBOSITY = z.enum(['low', 'medium', 'high']);

/** OpenAI's own models are told; for all others it is a hint that goes without saying. */
export function verbosityOptions(
  verbosity: z.output<typeof VERBOSITY> | null | undefined,
): SharedV4ProviderOptions | undefined {
  return typeof verbosity === 'string' ? { openai: { textVerbosity: verbosity } } : undefined;
}
