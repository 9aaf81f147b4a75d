import type { LanguageModelV4Message, LanguageModelV4Prompt, LanguageModelV4ToolResultPart } from '@ai-sdk/provider';
import { withoutEmptyTexts } from '../neutral/empty-texts.ts';
import { sealOptions } from '../neutral/reasoning-seal.ts';
import { untranslatable } from '../neutral/read-body.ts';
import { toolOutput } from '../neutral/tool-output.ts';
import type { AssistantBlock, Message, ToolResult, UserBlock } from './message-schema.ts';
import { geminiSignature, loneSignature, signatureOptions } from './seal-block.ts';

type AssistantPart = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];
type UserPart = Extract<LanguageModelV4Message, { role: 'user' }>['content'][number];

/** The neutral form of a conversation. Throws for a result without its call, naming the field. */
export function readMessages(messages: readonly Message[]): LanguageModelV4Prompt {
  const prompt: LanguageModelV4Prompt = [];
  const toolNames = new Map<string, string>();
  for (const [position, message] of messages.entries()) {
    switch (message.role) {
      case 'user':
        prompt.push(...userMessages(message.content, `messages[${position}].content`, toolNames));
        break;
      case 'system':
        for (const { text } of withoutEmptyTexts(message.content)) prompt.push({ role: 'system', content: text });
        break;
      case 'assistant': {
        for (const block of message.content) if (block.type === 'tool_use') toolNames.set(block.id, block.name);
        const content = assistantParts(message.content);
        if (content.length > 0) prompt.push({ role: 'assistant', content });
        break;
      }
      default:
        message satisfies never;
    }
  }
  return prompt;
}

/** A user's turn: the results of the calls before it, and then what the user says. */
function userMessages(
  blocks: readonly UserBlock[],
  place: string,
  toolNames: ReadonlyMap<string, string>,
): LanguageModelV4Prompt {
  const results: LanguageModelV4ToolResultPart[] = [];
  const said: UserPart[] = [];
  for (const [position, block] of blocks.entries()) {
    if (block.type === 'tool_result') results.push(toolResult(block, `${place}[${position}]`, toolNames));
    else said.push(...withoutEmptyTexts([block]));
  }
  const prompt: LanguageModelV4Prompt = [];
  if (results.length > 0) prompt.push({ role: 'tool', content: results });
  if (said.length > 0) prompt.push({ role: 'user', content: said });
  return prompt;
}

function toolResult(
  { tool_use_id, content: given = [], is_error }: ToolResult,
  place: string,
  toolNames: ReadonlyMap<string, string>,
): LanguageModelV4ToolResultPart {
  const toolName = toolNames.get(tool_use_id);
  if (toolName === undefined) throw untranslatable(`${place}.tool_use_id`, 'names no tool_use of an earlier message.');
  const result = { type: 'tool-result', toolCallId: tool_use_id, toolName } as const;
  const content = withoutEmptyTexts(given);
  const output = toolOutput(content);
  if (is_error !== true) return { ...result, output };
  if (output.type === 'text') return { ...result, output: { type: 'error-text', value: output.value } };
  return { ...result, output: { type: 'content', value: asError(content) } };
}

/** What went wrong, in more than one text: the neutral form has no such error, so the words say it. */
function asError(content: NonNullable<ToolResult['content']>): NonNullable<ToolResult['content']> {
  const first = content.find(({ type }) => type === 'text');
  if (first === undefined) return [{ type: 'text', text: 'Error:' }, ...content];
  return content.map((part) =>
    part === first && part.type === 'text' ? { ...part, text: `Error: ${part.text}` } : part,
  );
}

function assistantParts(blocks: readonly AssistantBlock[]): AssistantPart[] {
  const parts: AssistantPart[] = [];
  for (const block of blocks) {
    const signature = block.type === 'redacted_thinking' ? geminiSignature(block.data) : undefined;
    if (signature === undefined) parts.push(...partOf(block));
    else seal(parts.at(-1), signature);
  }
  return parts;
}

function seal(part: AssistantPart | undefined, signature: string): void {
  if (part === undefined) return;
  part.providerOptions = { ...part.providerOptions, ...sealOptions({ format: 'google-gemini-v1', signature }) };
}

function partOf(block: AssistantBlock): AssistantPart[] {
  switch (block.type) {
    case 'text':
      return block.text === '' ? [] : [{ ...block }];
    case 'tool_use':
      return [{ type: 'tool-call', toolCallId: block.id, toolName: block.name, input: block.input }];
    case 'thinking': {
      if (block.thinking === '' && block.signature === '') return [];
      const providerOptions = signatureOptions(block.signature);
      return [{ type: 'reasoning', text: block.thinking, ...(providerOptions && { providerOptions }) }];
    }
    case 'redacted_thinking':
      return [sealedPart(block.data)];
    default:
      return block satisfies never;
  }
}

function sealedPart(data: string): AssistantPart {
  const signature = loneSignature(data);
  return signature === undefined
    ? { type: 'reasoning', text: '', providerOptions: sealOptions({ format: 'anthropic-claude-v1', redacted: data }) }
    : { type: 'text', text: '', providerOptions: sealOptions({ format: 'google-gemini-v1', signature }) };
}
