import type { SharedV4ProviderMetadata } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import { sealOf } from '../neutral/reasoning-seal.ts';
import { signatureOf } from './seal-block.ts';

/** A block of thoughts, whole: readable with its signature, or sealed. */
export function thoughtsBlock(text: string, metadata: SharedV4ProviderMetadata | undefined): JsonObject {
  const seal = sealOf(metadata);
  if (seal !== undefined && 'redacted' in seal) return { type: 'redacted_thinking', data: seal.redacted };
  return { type: 'thinking', thinking: text, signature: signatureOf(metadata) };
}
