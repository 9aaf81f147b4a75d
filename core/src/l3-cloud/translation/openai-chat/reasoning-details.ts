import type { LanguageModelV4ReasoningPart, SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { z } from 'zod';
import { sealOf, sealOptions, type Seal } from '../neutral/reasoning-seal.ts';

const PLACE = { id: z.string().optional(), index: z.int().optional() } as const;

const TEXT = z
  .strictObject({
    type: z.literal('reasoning.text'),
    text: z.string().optional(),
    signature: z.string().optional(),
    format: z.string().optional(),
    ...PLACE,
  })
  .transform(({ text, signature, format }) => {
    const sealFormat = sealFormatOf(format);
    // Thoughts that nobody sealed whom a translation asks are words, whoever said them.
    if (signature === undefined || sealFormat === undefined) return reasoningPart(text ?? '', undefined);
    return reasoningPart(text ?? '', { format: sealFormat, signature });
  });

const ENCRYPTED = z
  .strictObject({ type: z.literal('reasoning.encrypted'), data: z.string(), format: z.string().optional(), ...PLACE })
  // What another provider sealed it alone can read: without it there are no words.
  .transform(({ data, format }) =>
    reasoningPart(
      '',
      sealFormatOf(format) === 'anthropic-claude-v1' ? { format: 'anthropic-claude-v1', redacted: data } : undefined,
    ),
  );

const SUMMARY = z
  .strictObject({ type: z.literal('reasoning.summary'), summary: z.string(), format: z.string().optional(), ...PLACE })
  .transform(({ summary }) => reasoningPart(summary, undefined));

/** Thoughts as OpenRouter has them, with what their provider needs to see again. */
export const REASONING_DETAILS = z.array(z.discriminatedUnion('type', [TEXT, ENCRYPTED, SUMMARY]));

/** The thoughts of one block, whole; `index` is the block's place among the thoughts. */
export function reasoningDetail(
  text: string,
  metadata: SharedV4ProviderMetadata | undefined,
  index: number,
): JsonObject {
  const seal = sealOf(metadata);
  if (seal === undefined) return { type: 'reasoning.text', text, index };
  if ('redacted' in seal) return { type: 'reasoning.encrypted', data: seal.redacted, format: seal.format, index };
  return { type: 'reasoning.text', text, signature: seal.signature, format: seal.format, index };
}

/** Whose seal it is, of those whom a translation asks; OpenRouter takes a detail that does not say it for one of Anthropic's. */
function sealFormatOf(format: string | undefined): 'anthropic-claude-v1' | 'google-gemini-v1' | undefined {
  switch (format ?? 'anthropic-claude-v1') {
    case 'anthropic-claude-v1':
      return 'anthropic-claude-v1';
    case 'google-gemini-v1':
      return 'google-gemini-v1';
    default:
      return undefined;
  }
}

function reasoningPart(text: string, seal: Seal | undefined): LanguageModelV4ReasoningPart {
  return { type: 'reasoning', text, ...(seal !== undefined && { providerOptions: sealOptions(seal) }) };
}
