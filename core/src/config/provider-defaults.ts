import type { ProviderDialect } from '@isartor/shared';

/** What a provider is, where nothing else is said, by the API that it speaks. */
export const PROVIDER_DEFAULTS: Readonly<Record<ProviderDialect, { readonly url: string; readonly model: string }>> = {
  openai: { url: 'https://api.openai.com/v1', model: 'gpt-4o-mini' },
  anthropic: { url: 'https://api.anthropic.com/v1', model: 'claude-haiku-4-5' },
  gemini: { url: 'https://generativelanguage.googleapis.com/v1beta', model: 'gemini-2.5-flash' },
};

/** The provider's own host, which lets nobody in without a key. */
export function ownHostOf(dialect: ProviderDialect): string {
  return new URL(PROVIDER_DEFAULTS[dialect].url).hostname;
}
