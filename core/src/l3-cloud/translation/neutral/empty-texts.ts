import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';

interface Part {
  readonly type: string;
  readonly text?: unknown;
}

/** The parts but for texts without a word, which say nothing: Anthropic refuses them. */
export function withoutEmptyTexts<T extends Part>(content: readonly T[]): T[] {
  return content.filter((part) => !isEmpty(part));
}

/**
 * A prompt without what its users left empty. An empty message that alone follows an answer stays: without it the answer
 * would be one to go on with.
 */
export function withoutEmptyUsers(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  const said: LanguageModelV4Prompt = [];
  for (const [position, message] of prompt.entries()) {
    if (message.role !== 'user') {
      said.push(message);
      continue;
    }
    const content = withoutEmptyTexts(message.content);
    const alone = position === prompt.length - 1 && !asks(said.at(-1));
    if (content.length > 0) said.push({ ...message, content });
    else if (alone) said.push(message);
  }
  return said;
}

function isEmpty({ type, text }: Part): boolean {
  return type === 'text' && text === '';
}

/** Whether it is for the assistant to answer. */
function asks(message: LanguageModelV4Message | undefined): boolean {
  return message?.role === 'user' || message?.role === 'tool';
}
