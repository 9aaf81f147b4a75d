/** How a seal of Gemini's begins in a block of Anthropic's. */
export const GEMINI_IN_ANTHROPIC = 'google-gemini-v1';
/** How anybody's seal begins in an item of OpenAI's responses: it tells ours from OpenAI's own, and this form from later ones. */
export const SEALED_IN_RESPONSES = 'isartor.v1.';
/** How a seal of Anthropic's begins, before it is put into Base64, in a signature of Gemini's. */
export const ANTHROPIC_IN_GEMINI = 'anthropic-claude-v1';
