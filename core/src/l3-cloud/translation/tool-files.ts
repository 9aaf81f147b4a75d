import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';

/**
 * OpenAI's chat takes texts alone from tools. The files among them follow as the user's, each result's under the name of
 * its call, which is how that API's own users hand pictures back; several texts are one.
 */
export function withToolFilesAsUsers(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  return prompt.flatMap((message): LanguageModelV4Message[] => {
    if (message.role !== 'tool') return [message];
    const files = message.content.flatMap((part) => (part.type === 'tool-result' ? filesIn(part) : []));
    const content = message.content.map((part) => (part.type === 'tool-result' ? inWords(part) : part));
    return files.length === 0
      ? [{ ...message, content }]
      : [
          { ...message, content },
          { role: 'user', content: files },
        ];
  });
}

type UserPart = Extract<LanguageModelV4Message, { role: 'user' }>['content'][number];

function filesIn({ output, toolName, toolCallId }: LanguageModelV4ToolResultPart): UserPart[] {
  if (output.type !== 'content') return [];
  const files = output.value.filter((part): part is LanguageModelV4FilePart => part.type === 'file');
  return files.length === 0 ? [] : [{ type: 'text', text: `From ${toolName} (${toolCallId}):` }, ...files];
}

function inWords(part: LanguageModelV4ToolResultPart): LanguageModelV4ToolResultPart {
  const { output } = part;
  if (output.type !== 'content') return part;
  const texts = output.value.flatMap((said) => (said.type === 'text' ? [said.text] : []));
  const value = texts.length === 0 ? 'The result is a file, which follows.' : texts.join('\n');
  return { ...part, output: { type: 'text', value } };
}
