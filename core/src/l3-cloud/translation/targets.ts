import type { Operation, ProviderDialect } from '@isartor/shared';

/** What each dialect calls the question that all have: translated requests are put to it. */
export const TRANSLATION_TARGETS: Readonly<Record<ProviderDialect, Operation>> = {
  openai: 'openai.chat',
  anthropic: 'anthropic.messages',
  gemini: 'gemini.generate',
};
