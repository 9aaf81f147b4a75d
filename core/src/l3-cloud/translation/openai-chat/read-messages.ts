import type {
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ReasoningPart,
  LanguageModelV4TextPart,
  LanguageModelV4ToolCallPart,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';
import { named } from './named.ts';
import { sealOptions } from '../neutral/reasoning-seal.ts';
import { withoutEmptyTexts, withoutEmptyUsers } from '../neutral/empty-texts.ts';
import { untranslatable } from '../neutral/read-body.ts';
import { toolInput } from '../neutral/tool-input.ts';
import { toolOutput } from '../neutral/tool-output.ts';
import type { AssistantMessage, Message, ToolCall, ToolMessage } from './message-schema.ts';

type AssistantPart = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];

/** The neutral form of a conversation. Throws for a result without its call, naming the field. */
export function readMessages(messages: readonly Message[]): LanguageModelV4Prompt {
  const prompt: LanguageModelV4Prompt = [];
  const toolNames = new Map<string, string>();
  for (const [position, message] of messages.entries()) {
    switch (message.role) {
      case 'system':
      case 'developer':
        for (const { text, ...part } of withoutEmptyTexts(named(message.name, message.content))) {
          prompt.push({
            role: 'system',
            content: text,
            ...(part.providerOptions !== undefined && { providerOptions: part.providerOptions }),
          });
        }
        break;
      case 'user':
        prompt.push({ role: 'user', content: named(message.name, message.content) });
        break;
      case 'assistant': {
        for (const call of message.tool_calls ?? []) toolNames.set(call.id, call.function.name);
        const content = assistantParts(message);
        // An answer may have said nothing at all; providers take no message without content.
        if (content.length > 0) prompt.push({ role: 'assistant', content });
        break;
      }
      case 'tool':
        addResult(prompt, readResult(message, position, toolNames));
        break;
      default:
        message satisfies never;
    }
  }
  return withoutEmptyUsers(prompt);
}

/** The results of one turn are one message: Gemini wants them so. */
function addResult(prompt: LanguageModelV4Prompt, result: LanguageModelV4ToolResultPart): void {
  const last = prompt.at(-1);
  if (last?.role === 'tool') last.content.push(result);
  else prompt.push({ role: 'tool', content: [result] });
}

function readResult(
  { tool_call_id, content }: ToolMessage,
  position: number,
  toolNames: ReadonlyMap<string, string>,
): LanguageModelV4ToolResultPart {
  const toolName = toolNames.get(tool_call_id);
  if (toolName === undefined) {
    throw untranslatable(`messages[${position}].tool_call_id`, 'names no tool call of an earlier message.');
  }
  return { type: 'tool-result', toolCallId: tool_call_id, toolName, output: toolOutput(withoutEmptyTexts(content)) };
}

function assistantParts(message: AssistantMessage): AssistantPart[] {
  return [
    ...thoughts(message),
    ...texts(message),
    ...(message.images ?? []).map(({ image_url }): AssistantPart => ({ type: 'file', ...image_url.url })),
    ...(message.tool_calls ?? []).map(toolCallPart),
  ];
}

/** The details say the same thoughts as the text beside them, and more; but for those that another provider sealed. */
function thoughts(message: AssistantMessage): LanguageModelV4ReasoningPart[] {
  const details = (message.reasoning_details ?? []).filter(saysSomething);
  if (details.length > 0) return details;
  const text = message.reasoning_content ?? message.reasoning ?? '';
  return text === '' ? [] : [{ type: 'reasoning', text }];
}

function saysSomething({ text, providerOptions }: LanguageModelV4ReasoningPart): boolean {
  return text !== '' || providerOptions !== undefined;
}

function texts({ name, content, refusal, extra_content }: AssistantMessage): LanguageModelV4TextPart[] {
  const said = content ?? [];
  const refused: LanguageModelV4TextPart[] = refusal === undefined ? [] : [{ type: 'text', text: refusal }];
  const parts = withoutEmptyTexts(named(name, [...said, ...refused]));
  const signature = extra_content?.google?.thought_signature;
  if (signature === undefined) return parts;
  const last = parts.pop() ?? { type: 'text', text: '' };
  const providerOptions = { ...last.providerOptions, ...sealOptions({ format: 'google-gemini-v1', signature }) };
  return [...parts, { ...last, providerOptions }];
}

function toolCallPart({
  id,
  function: { name, arguments: input },
  extra_content,
}: ToolCall): LanguageModelV4ToolCallPart {
  const signature = extra_content?.google?.thought_signature;
  return {
    type: 'tool-call',
    toolCallId: id,
    toolName: name,
    input: toolInput(input, 'messages'),
    ...(signature !== undefined && { providerOptions: sealOptions({ format: 'google-gemini-v1', signature }) }),
  };
}
