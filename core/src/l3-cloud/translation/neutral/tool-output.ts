import type { LanguageModelV4FilePart, LanguageModelV4TextPart, LanguageModelV4ToolResultPart } from '@ai-sdk/provider';

/** What a tool gave back: one text is a text, several parts stay apart. */
export function toolOutput(
  parts: readonly (LanguageModelV4TextPart | LanguageModelV4FilePart)[],
): LanguageModelV4ToolResultPart['output'] {
  const [first, ...others] = parts;
  if (first === undefined) return { type: 'text', value: '' };
  if (first.type !== 'text' || others.length > 0) return { type: 'content', value: [...parts] };
  const { text, providerOptions } = first;
  return { type: 'text', value: text, ...(providerOptions !== undefined && { providerOptions }) };
}
