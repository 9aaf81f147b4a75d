import { z } from 'zod';

/**
 * Top-level fields of both of OpenAI's dialects that cannot change the answer of another provider, each with the reason
 * on its line; where only some values cannot, only those are read. They are not passed on.
 */
export const HARMLESS_FIELDS = {
  /** The route has chosen the model. */
  model: z.string().optional(),
  /** How the answer is to come, not what it says. */
  stream: z.boolean().optional(),
  /** The usage is always told; padding against eavesdroppers says nothing. */
  stream_options: z
    .strictObject({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() })
    .optional(),
  /** Labels that OpenAI keeps beside the answer. */
  metadata: z.record(z.string(), z.string()).optional(),
  /** By whom OpenAI counts abuse. */
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  /** What OpenAI keeps of a prompt to read it cheaper again. */
  prompt_cache_key: z.string().optional(),
  prompt_cache_options: z.looseObject({}).optional(),
  prompt_cache_retention: z.string().optional(),
  /** The usual service; another one is asked of OpenAI alone, by price and by speed. */
  service_tier: z.enum(['auto', 'default']).optional(),
  /** Nothing is kept. */
  store: z.literal(false).optional(),
  /** No log probabilities. */
  top_logprobs: z.literal(0).optional(),
} as const;
