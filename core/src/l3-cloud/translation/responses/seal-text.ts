import { isJsonObject, parseJson, scanJson } from '@isartor/shared';
import { z } from 'zod';
import { SEAL } from '../neutral/reasoning-seal.ts';
import { SEALED_IN_RESPONSES } from '../neutral/seal-marks.ts';

/**
 * What an `encrypted_content` of ours holds: a seal, and which piece of the answer it is on: the thoughts beside it, the
 * last text before it, or the call of that id. Clients hand it back as it is.
 */
const SEALED = z.strictObject({
  on: z.union([z.enum(['thoughts', 'text']), z.strictObject({ call: z.string() })]),
  seal: SEAL,
});
export type Sealed = z.output<typeof SEALED>;

/** The text that stands for a seal. */
export function sealedText(sealed: Sealed): string {
  return SEALED_IN_RESPONSES + Buffer.from(JSON.stringify(sealed)).toString('base64url');
}

/** The seal that a text stands for; undefined for a text of someone else's. */
export function sealedIn(text: string): Sealed | undefined {
  if (!text.startsWith(SEALED_IN_RESPONSES)) return undefined;
  try {
    const bytes = Buffer.from(text.slice(SEALED_IN_RESPONSES.length), 'base64url');
    // Ours are small and flat; what is not is not ours.
    if (scanJson(bytes).syntaxErrorAt >= 0) return undefined;
    const value = parseJson(bytes.toString());
    return isJsonObject(value) ? SEALED.safeParse(value).data : undefined;
  } catch {
    return undefined;
  }
}
