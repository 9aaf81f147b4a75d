import type {
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultPart,
  SharedV4ProviderOptions,
} from '@ai-sdk/provider';
import { withoutEmptyTexts, withoutEmptyUsers } from '../neutral/empty-texts.ts';
import { untranslatable } from '../neutral/read-body.ts';
import { sealOptions } from '../neutral/reasoning-seal.ts';
import { toolInput } from '../neutral/tool-input.ts';
import { toolOutput } from '../neutral/tool-output.ts';
import { freeformArguments } from './freeform-tool.ts';
import type { InputItem } from './input-schema.ts';
import type { Sealed } from './seal-text.ts';

type Output = Extract<InputItem, { type: 'function_call_output' | 'custom_tool_call_output' }>;
type AssistantPart = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];

/** The neutral form of a response's input. Throws for a result without its call, naming the field. */
export function readInput(items: readonly InputItem[]): LanguageModelV4Prompt {
  const reader = new InputReader();
  for (const [position, item] of items.entries()) reader.add(item, position);
  return withoutEmptyUsers(reader.prompt).filter((message) => message.role !== 'assistant' || hasSaid(message.content));
}

/** Takes out the texts that say and carry nothing. True: something is left; providers take no message without content. */
function hasSaid(content: AssistantPart[]): boolean {
  const said = content.filter((part) => part.type !== 'text' || part.text !== '' || part.providerOptions !== undefined);
  content.splice(0, content.length, ...said);
  return said.length > 0;
}

/** Joins what the assistant said in one turn to one message, and the results that it got to another. */
class InputReader {
  readonly prompt: LanguageModelV4Prompt = [];
  readonly #toolNames = new Map<string, string>();

  add(item: InputItem, position: number): void {
    switch (item.type) {
      case 'message':
        this.#addMessage(item);
        break;
      case 'reasoning':
        this.#addThoughts(item);
        break;
      case 'function_call':
        this.#toolNames.set(item.call_id, item.name);
        this.#addParts({
          type: 'tool-call',
          toolCallId: item.call_id,
          toolName: item.name,
          input: toolInput(item.arguments, 'input'),
        });
        break;
      case 'custom_tool_call':
        this.#toolNames.set(item.call_id, item.name);
        this.#addParts({
          type: 'tool-call',
          toolCallId: item.call_id,
          toolName: item.name,
          input: freeformArguments(item.input),
        });
        break;
      case 'image_generation_call':
        this.#addParts({
          type: 'file',
          mediaType: `image/${item.output_format ?? 'png'}`,
          data: { type: 'data', data: item.result },
        });
        break;
      case 'function_call_output':
      case 'custom_tool_call_output':
        this.#addResult(item, position);
        break;
      default:
        item satisfies never;
    }
  }

  #addMessage({ role, content }: Extract<InputItem, { type: 'message' }>): void {
    switch (role) {
      case 'system':
      case 'developer':
        for (const { text, providerOptions } of withoutEmptyTexts(content)) {
          this.prompt.push({
            role: 'system',
            content: text,
            ...(providerOptions !== undefined && { providerOptions }),
          });
        }
        break;
      case 'user':
        this.prompt.push({ role, content });
        break;
      case 'assistant':
        this.#addParts(...content);
        break;
      default:
        role satisfies never;
    }
  }

  #addThoughts({ summary, content, encrypted_content: sealed }: Extract<InputItem, { type: 'reasoning' }>): void {
    if (sealed !== undefined && sealed.on !== 'thoughts') {
      this.#seal(sealed);
      return;
    }
    const raw = content ?? [];
    const text = raw.length > 0 ? raw.map((part) => part.text).join('') : summary.map((part) => part.text).join('\n\n');
    if (text === '' && !sealed) return;
    this.#addParts({ type: 'reasoning', text, ...(sealed && { providerOptions: sealOptions(sealed.seal) }) });
  }

  /** Gives a part that came before its seal; one that the client left out needs none. */
  #seal({ on, seal }: Sealed): void {
    const options = sealOptions(seal);
    const parts = this.#assistantParts();
    if (on === 'text') {
      const last = parts.findLast((part) => part.type === 'text');
      if (last === undefined) parts.push({ type: 'text', text: '', providerOptions: options });
      else last.providerOptions = joined(last.providerOptions, options);
    } else if (typeof on === 'object') {
      const call = parts.find((part) => part.type === 'tool-call' && part.toolCallId === on.call);
      if (call !== undefined) call.providerOptions = joined(call.providerOptions, options);
    }
  }

  #addParts(...parts: AssistantPart[]): void {
    if (parts.length > 0) this.#assistantParts().push(...parts);
  }

  #assistantParts(): AssistantPart[] {
    const last = this.prompt.at(-1);
    if (last?.role === 'assistant') return last.content;
    const content: AssistantPart[] = [];
    this.prompt.push({ role: 'assistant', content });
    return content;
  }

  #addResult({ call_id, output }: Output, position: number): void {
    const toolName = this.#toolNames.get(call_id);
    if (toolName === undefined) throw untranslatable(`input[${position}].call_id`, 'names no call of an earlier item.');
    const result: LanguageModelV4ToolResultPart = {
      type: 'tool-result',
      toolCallId: call_id,
      toolName,
      output: toolOutput(withoutEmptyTexts(output)),
    };
    const last = this.prompt.at(-1);
    if (last?.role === 'tool') last.content.push(result);
    else this.prompt.push({ role: 'tool', content: [result] });
  }
}

function joined(before: SharedV4ProviderOptions | undefined, next: SharedV4ProviderOptions): SharedV4ProviderOptions {
  return { ...before, ...next };
}
