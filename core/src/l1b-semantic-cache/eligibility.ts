import { isEnglish } from './is-english.ts';
import { BUILTIN_VOLATILE, type VolatileRule } from './volatile.ts';

/** Why a text is neither looked up nor indexed. */
const INELIGIBLE_TEXT_REASONS = [
  'empty',
  'too-long',
  'wordless',
  'line-break',
  'invisible',
  'mixed-script',
  'field-label',
  'markup',
  'personal',
  'volatile',
  'language',
] as const;
export type IneligibleTextReason = (typeof INELIGIBLE_TEXT_REASONS)[number];

/**
 * Longest text, in UTF-16 units. Blanks and dots cost no tokens, so the model's window bounds no text; and some rules take
 * time that grows with the square of it (seconds at 60 000).
 */
const MAX_LENGTH = 1_000;

/** What has none asks nothing, and may come to a vector without a direction. */
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const LINE_BREAK = /[\n\r\v\f\u0085\p{Zl}\p{Zp}]/u;
/** Control, format, private and unassigned characters, and letters and blanks that show nothing. */
const INVISIBLE = /[\p{C}\u115f\u1160\u2800\u3164\uffa0\u{e0000}-\u{e0fff}]|\u17b4|\u17b5|\p{Variation_Selector}/u;
const WORD = /[\p{L}\p{M}]+/gu;
const SCRIPTS = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Cherokee}/u];

/** A word or two and a colon where a sentence begins, as templates write them: `Context: …`, `Customer name: …`. */
const FIELD_LABEL = /(?:^|[.!?;]\s+)\p{L}[\p{L}\d_-]*(?: \p{L}[\p{L}\d_-]*){0,2}\s?:(?:\s|$)/u;
const MARKUP = /<\/?[a-z!?]|[{}[\]]|`{3}|\*\*|(?:^|\s)#{1,6}\s|<\||\|>/i;

/** Asking how something is done asks for no data of one's own. */
const HOW_TO =
  /^(?:please\s+)?(?:(?:can|could|would) you (?:please )?(?:tell|show|explain(?: to)?) me )?how (?:(?:do|can|could|should|would|may) (?:i|we|you|one)\b|to\b)/i;
const OWN =
  /\b(?:my|mine|our|ours)\b|\b(?:am|was|have|had|did|has|is|were) (?:i|we|me)\b|\b(?:tell|remind) me (?:my|when i|what i)\b/i;

/**
 * The rule that keeps a text out of the semantic cache, if there is one: the first that applies.
 *
 * @param isVolatile the deployment's or the caller's word on what has another answer tomorrow
 */
export function ineligibleText(
  text: string,
  isVolatile: VolatileRule = BUILTIN_VOLATILE,
): IneligibleTextReason | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return 'empty';
  if (text.length > MAX_LENGTH) return 'too-long';
  if (!LETTER_OR_DIGIT.test(trimmed)) return 'wordless';
  if (LINE_BREAK.test(trimmed)) return 'line-break';
  if (INVISIBLE.test(trimmed)) return 'invisible';
  if (hasMixedWord(trimmed)) return 'mixed-script';
  if (FIELD_LABEL.test(trimmed)) return 'field-label';
  if (MARKUP.test(trimmed)) return 'markup';
  if (OWN.test(trimmed) && !HOW_TO.test(trimmed)) return 'personal';
  if (isVolatile(trimmed)) return 'volatile';
  // No rule, of these or of the verifier's, reads another language.
  if (!isEnglish(trimmed)) return 'language';
  return undefined;
}

/** A word of letters from two alphabets looks like another word than it is. */
function hasMixedWord(text: string): boolean {
  for (const [word] of text.matchAll(WORD)) {
    if (SCRIPTS.filter((script) => script.test(word)).length > 1) return true;
  }
  return false;
}
