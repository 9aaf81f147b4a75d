import type { LanguageModelV4FilePart, LanguageModelV4TextPart } from '@ai-sdk/provider';

type Part = LanguageModelV4TextPart | LanguageModelV4FilePart;

/**
 * What somebody says, under its name, as OpenAI's models see it where several speak: other dialects have no place for the
 * name but the text. Who says nothing has none.
 */
export function named<T extends Part>(
  name: string | undefined,
  content: readonly T[],
): (T | LanguageModelV4TextPart)[] {
  if (name === undefined || name === '') return [...content];
  const first = content.findIndex((part) => part.type === 'text' && part.text !== '');
  if (first >= 0) {
    return content.map((part, position) =>
      part.type === 'text' && position === first ? { ...part, text: `${name}: ${part.text}` } : part,
    );
  }
  return content.some((part) => part.type === 'file') ? [{ type: 'text', text: `${name}:` }, ...content] : [...content];
}
