import { z } from 'zod';

/**
 * Top-level fields of both of OpenAI's dialects that cannot change what another provider answers, each with the reason on
 * its line; where only some values cannot, only those are read. They are not passed on: clients say them by habit, and
 * would not be served otherwise.
 */
export const HARMLESS_FIELDS = {
  /** The route has chosen the model. */
  model: z.string().optional(),
  /** How the answer is to come, not what it says. */
  stream: z.boolean().optional(),
  /** The usage is always told; padding against eavesdroppers says nothing. */
  stream_options: z.looseObject({}).optional(),
  /** Labels that OpenAI keeps beside the answer. */
  metadata: z.record(z.string(), z.string()).optional(),
  /** By whom OpenAI counts abuse. */
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  /** What OpenAI keeps of a prompt to read it cheaper again. */
  prompt_cache_key: z.string().optional(),
  prompt_cache_options: z.looseObject({}).optional(),
  prompt_cache_retention: z.string().optional(),
  /** How dear and how soon it is at OpenAI. */
  service_tier: z.string().optional(),
  /** Nothing is kept, and only OpenAI's own answers could be; who refers to one is refused by that. */
  store: z.boolean().optional(),
  /** No log probabilities. */
  top_logprobs: z.literal(0).optional(),
} as const;
