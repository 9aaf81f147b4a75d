import type { SharedV4ProviderMetadata, SharedV4ProviderOptions } from '@ai-sdk/provider';
import { sealOf, sealOptions } from '../neutral/reasoning-seal.ts';
import { ANTHROPIC_IN_GEMINI } from '../neutral/seal-marks.ts';

/** What other providers' seals are marked by, where Gemini's own signature would stand. */
const SIGNED_MARK = `${ANTHROPIC_IN_GEMINI}:`;
const REDACTED_MARK = `${ANTHROPIC_IN_GEMINI}-redacted:`;

/** A `thoughtSignature`: Gemini's own, or another provider's seal under a mark; both are Base64, as clients demand. */
export function signatureOf(metadata: SharedV4ProviderMetadata | undefined): string | undefined {
  const seal = sealOf(metadata);
  if (seal === undefined) return undefined;
  if ('redacted' in seal) return base64(`${REDACTED_MARK}${seal.redacted}`);
  return seal.format === 'google-gemini-v1' ? seal.signature : base64(`${SIGNED_MARK}${seal.signature}`);
}

/** The same read again. */
export function signatureOptions(signature: string): SharedV4ProviderOptions {
  const text = Buffer.from(signature, 'base64').toString('utf8');
  const format = 'anthropic-claude-v1';
  if (text.startsWith(REDACTED_MARK)) return sealOptions({ format, redacted: text.slice(REDACTED_MARK.length) });
  if (text.startsWith(SIGNED_MARK)) return sealOptions({ format, signature: text.slice(SIGNED_MARK.length) });
  return sealOptions({ format: 'google-gemini-v1', signature });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
