import { isJsonObject, parseJson, scanJson } from '@isartor/shared';
import { z } from 'zod';
import { SEAL } from '../neutral/reasoning-seal.ts';

/**
 * What an `encrypted_content` of ours holds: a seal, and which piece of the answer it is on: the thoughts beside it, the
 * last text before it, or the call of that id. Clients hand it back as it is.
 */
const SEALED = z.strictObject({
  on: z.union([z.enum(['thoughts', 'text']), z.strictObject({ call: z.string() })]),
  seal: SEAL,
});
export type Sealed = z.output<typeof SEALED>;

/** Tells ours from OpenAI's own, and the first form from later ones. */
const MARK = 'isartor.v1.';

/** The text that stands for a seal. */
export function sealedText(sealed: Sealed): string {
  return MARK + Buffer.from(JSON.stringify(sealed)).toString('base64url');
}

/** The seal that a text stands for; undefined for a text of someone else's. */
export function sealedIn(text: string): Sealed | undefined {
  if (!text.startsWith(MARK)) return undefined;
  try {
    const bytes = Buffer.from(text.slice(MARK.length), 'base64url');
    // Ours are small and flat; what is not is not ours.
    if (scanJson(bytes).syntaxErrorAt >= 0) return undefined;
    const value = parseJson(bytes.toString());
    return isJsonObject(value) ? SEALED.safeParse(value).data : undefined;
  } catch {
    return undefined;
  }
}
