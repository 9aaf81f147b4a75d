import type { ProviderDialect } from '@isartor/shared';
import { servesOperation, type Provider } from '../provider.port.ts';
import type { ModelCall } from './surface.port.ts';

/** What each dialect calls the question that all have: translated requests are put to it. */
export const TRANSLATION_TARGETS = {
  openai: 'openai.chat',
  anthropic: 'anthropic.messages',
  gemini: 'gemini.generate',
} as const satisfies Readonly<Record<ProviderDialect, string>>;

/** An operation that translated requests are put to. */
export type Target = (typeof TRANSLATION_TARGETS)[ProviderDialect] | 'openai.responses';

/** OpenAI's models that have no chat; the others have it, but from 5.6 on they do not think there beside tools. */
const WITHOUT_CHAT = /^(gpt|o\d).*-(codex|pro)\b/;
const THINKS_WITHOUT_TOOLS = /^gpt-5\.([6-9]|\d\d)/;

/** The operation that a call is put to. */
export function targetOf(provider: Pick<Provider, 'dialect' | 'serves'>, model: string, call: ModelCall): Target {
  const usual = TRANSLATION_TARGETS[provider.dialect];
  if (usual !== 'openai.chat' || !servesOperation(provider, 'openai.responses')) return usual;
  const hasTools = (call.tools?.length ?? 0) > 0 && call.reasoning !== 'none';
  return WITHOUT_CHAT.test(model) || (hasTools && THINKS_WITHOUT_TOOLS.test(model)) ? 'openai.responses' : usual;
}
