import type { SharedV4ProviderMetadata, SharedV4ProviderOptions } from '@ai-sdk/provider';
import { z } from 'zod';

/**
 * What a provider needs to see again with its own words: a signature, or thoughts that it alone can read. The formats
 * are named as OpenRouter names them.
 */
export const SEAL = z.union([
  z.strictObject({ format: z.enum(['anthropic-claude-v1', 'google-gemini-v1']), signature: z.string() }),
  z.strictObject({ format: z.literal('anthropic-claude-v1'), redacted: z.string() }),
]);
export type Seal = z.output<typeof SEAL>;

/** The seal on a piece of an answer, if any. */
export function sealOf(metadata: SharedV4ProviderMetadata | undefined): Seal | undefined {
  const { signature, redactedData } = metadata?.['anthropic'] ?? {};
  if (isFilled(signature)) return { format: 'anthropic-claude-v1', signature };
  if (isFilled(redactedData)) return { format: 'anthropic-claude-v1', redacted: redactedData };
  const thought = thoughtSignature(metadata);
  return thought === undefined ? undefined : { format: 'google-gemini-v1', signature: thought };
}

/** Gemini's signature on a piece of an answer; servers that pass it on say it under their own name. */
export function thoughtSignature(metadata: SharedV4ProviderMetadata | undefined): string | undefined {
  return Object.values(metadata ?? {})
    .map((said) => said['thoughtSignature'])
    .find(isFilled);
}

/** The options by which a provider gets its seal back. */
export function sealOptions(seal: Seal): SharedV4ProviderOptions {
  if ('redacted' in seal) return { anthropic: { redactedData: seal.redacted } };
  if (seal.format === 'google-gemini-v1') return { google: { thoughtSignature: seal.signature } };
  return { anthropic: { signature: seal.signature } };
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
