import type { SharedV4ProviderMetadata, SharedV4ProviderOptions } from '@ai-sdk/provider';
import { GEMINI_IN_ANTHROPIC } from '../neutral/seal-marks.ts';
import { sealOf, sealOptions, thoughtSignature } from '../neutral/reasoning-seal.ts';

/** What Gemini's signatures are marked by, where Anthropic's own would stand. */
const GEMINI_MARK = `${GEMINI_IN_ANTHROPIC}:`;
/** The same where the text that is signed is empty: Anthropic has no such block, so the seal stands for it. */
const ALONE_MARK = `${GEMINI_IN_ANTHROPIC}-alone:`;

/** The signature of a block of thoughts: Anthropic's own, or Gemini's under its mark; '' where there is none. */
export function signatureOf(metadata: SharedV4ProviderMetadata | undefined): string {
  const seal = sealOf(metadata);
  if (seal === undefined || 'redacted' in seal) return '';
  return seal.format === 'google-gemini-v1' ? `${GEMINI_MARK}${seal.signature}` : seal.signature;
}

/** The same read again. */
export function signatureOptions(signature: string): SharedV4ProviderOptions | undefined {
  if (signature === '') return undefined;
  const gemini = geminiSignature(signature);
  return sealOptions(
    gemini === undefined
      ? { format: 'anthropic-claude-v1', signature }
      : { format: 'google-gemini-v1', signature: gemini },
  );
}

/**
 * Gemini signs texts and calls too, and refuses a call that comes back without. Anthropic's blocks for them have no
 * place for it, so it stands behind the block in one of its own, of the kind that clients hand back unread.
 */
export function sealData(metadata: SharedV4ProviderMetadata | undefined, isAlone = false): string | undefined {
  const signature = thoughtSignature(metadata);
  return signature === undefined ? undefined : `${isAlone ? ALONE_MARK : GEMINI_MARK}${signature}`;
}

/** Gemini's signature in a text that has its mark. */
export function geminiSignature(text: string): string | undefined {
  return text.startsWith(GEMINI_MARK) ? text.slice(GEMINI_MARK.length) : undefined;
}

/** Gemini's signature of an empty text. */
export function loneSignature(text: string): string | undefined {
  return text.startsWith(ALONE_MARK) ? text.slice(ALONE_MARK.length) : undefined;
}
