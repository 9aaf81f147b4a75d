import type {
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';

/**
 * OpenAI's chat takes one text from a tool, and so do most of Gemini's models. The files among them follow as the user's,
 * each result's under the name of its call, which is how those APIs' own users hand pictures back; several texts are one,
 * and what went wrong says so.
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
  if (output.type === 'error-text') return { ...part, output: { type: 'text', value: `Error: ${output.value}` } };
  if (output.type !== 'content') return part;
  const texts = output.value.flatMap((said) => (said.type === 'text' ? [said.text] : []));
  const value = texts.length === 0 ? 'The result is a file, which follows.' : texts.join('\n');
  return { ...part, output: { type: 'text', value } };
}
