import type { SharedV4ProviderOptions } from '@ai-sdk/provider';
import { z } from 'zod';

/** Anthropic's mark in OpenAI's dialect, as OpenRouter and others have it: up to here the prompt is kept. */
export const CACHE_CONTROL = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).nullish() });

/** What a part may say of caching; OpenAI's own breakpoint changes prices alone, and only its own. */
export const CACHE_SHAPE = {
  cache_control: CACHE_CONTROL.nullish(),
  prompt_cache_breakpoint: z.looseObject({}).nullish(),
} as const;

type CacheMarked = { readonly cache_control?: z.output<typeof CACHE_CONTROL> | null | undefined };

/** The options that carry a mark to Anthropic; nothing where there is none. */
export function cacheOptions({ cache_control }: CacheMarked): {
  providerOptions?: SharedV4ProviderOptions;
} {
  if (cache_control === undefined || cache_control === null) return {};
  const { type, ttl } = cache_control;
  return { providerOptions: { anthropic: { cacheControl: { type, ...(typeof ttl === 'string' && { ttl }) } } } };
}
