import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { mergedOptions } from './neutral/call-settings.ts';
import type { ModelCall } from './surface.port.ts';
import type { Target } from './targets.ts';
import { withToolFilesAsUsers } from './tool-files.ts';

/** What Anthropic takes for the id of a call; other servers make them of other characters too. */
const NOT_IN_AN_ID = /[^a-zA-Z0-9_-]/g;
/** OpenAI's models that do not think, and refuse to be told how long to. */
const NEVER_THINKS = /^(gpt-[34]|chatgpt-)/;
/** Nobody has asked OpenAI to keep the conversation, and the library would count on it. */
const KEEPS_NOTHING = { openai: { store: false } };
const ONLY_JSON = 'Answer with one JSON object and nothing else.';

/** A call in the words that its provider's API has for it: nothing of it is lost. */
export function suitedCall(target: Target, model: string, call: ModelCall): ModelCall {
  switch (target) {
    case 'anthropic.messages':
      return withJsonAskedFor({ ...call, prompt: withSystemFirst(withSafeIds(call.prompt)) });
    case 'gemini.generate':
      return { ...call, prompt: withSystemFirst(withToolFilesAsUsers(call.prompt)) };
    case 'openai.responses':
      return { ...call, ...mergedOptions(call.providerOptions, KEEPS_NOTHING) };
    case 'openai.chat': {
      const { reasoning, ...rest } = call;
      const suited = { ...rest, prompt: withToolFilesAsUsers(call.prompt) };
      return NEVER_THINKS.test(model) || reasoning === undefined ? suited : { ...suited, reasoning };
    }
    default:
      return target satisfies never;
  }
}

/** JSON without a schema is a mode of the others' APIs; here it is an instruction. */
function withJsonAskedFor(call: ModelCall): ModelCall {
  const { responseFormat, ...rest } = call;
  if (responseFormat?.type !== 'json' || responseFormat.schema !== undefined) return call;
  return { ...rest, prompt: [{ role: 'system', content: ONLY_JSON }, ...call.prompt] };
}

/**
 * Instructions that come after the conversation has begun are the user's, marked as Anthropic's own clients mark theirs:
 * Gemini has none there, and of Anthropic's models only the newest.
 */
function withSystemFirst(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  const begins = prompt.findIndex(({ role }) => role !== 'system');
  return prompt.map((message, at) => {
    if (message.role !== 'system' || at < begins || begins < 0) return message;
    const text = `<system-reminder>\n${message.content}\n</system-reminder>`;
    return { ...message, role: 'user', content: [{ type: 'text', text }] };
  });
}

function withSafeIds(prompt: LanguageModelV4Prompt): LanguageModelV4Prompt {
  return prompt.map((message): LanguageModelV4Message => {
    if (message.role === 'assistant') return { ...message, content: message.content.map(withSafeId) };
    return message.role === 'tool' ? { ...message, content: message.content.map(withSafeId) } : message;
  });
}

function withSafeId<Part extends object>(part: Part): Part {
  if (!('toolCallId' in part) || typeof part.toolCallId !== 'string') return part;
  return { ...part, toolCallId: part.toolCallId.replaceAll(NOT_IN_AN_ID, '_') };
}
