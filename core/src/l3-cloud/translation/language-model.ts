import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { Target } from './targets.ts';

/** Where the library believes the provider to be: whoever carries its calls knows better. */
const NOWHERE = 'http://provider.invalid';
/** The library demands a key, which goes nowhere. */
const NO_KEY = 'unused';
/** Models that take OpenAI's newer parameters (`max_completion_tokens`, the role `developer`), by whose name it knows them. */
const OPENAI_OWN = /^(gpt-(?!oss)|o\d|chatgpt-)/;

/** How a library's model reaches its provider. */
export interface ModelTransport {
  readonly fetch: typeof globalThis.fetch;
  /** Whether a stream may be asked for its usage, where it does not tell it by itself. */
  readonly asksUsage: boolean;
}

/**
 * A model as the AI SDK sees it: its requests and answers are those of the dialect. The library is loaded when the first
 * one is made, for most gateways never translate.
 */
export async function languageModel(
  target: Target,
  model: string,
  { fetch, asksUsage }: ModelTransport,
): Promise<LanguageModelV4> {
  const options = { baseURL: NOWHERE, apiKey: NO_KEY, fetch };
  switch (target) {
    case 'anthropic.messages': {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      return createAnthropic(options)(model);
    }
    case 'gemini.generate': {
      const { createGoogle } = await import('@ai-sdk/google');
      return createGoogle(options)(model);
    }
    case 'openai.responses': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      return createOpenAI(options).responses(model);
    }
    case 'openai.chat': {
      if (OPENAI_OWN.test(model)) {
        const { createOpenAI } = await import('@ai-sdk/openai');
        return createOpenAI(options).chat(model);
      }
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      return createOpenAICompatible({
        ...options,
        name: 'openaiCompatible',
        includeUsage: asksUsage,
        supportsStructuredOutputs: true,
        supportedUrls: () => ({ 'image/*': [/^https?:/] }),
      })(model);
    }
    default:
      return target satisfies never;
  }
}
