import type { JsonObject } from './json.ts';
import type { Choice, Reply } from './reply.ts';

/** The plain JSON body of a chat answer. */
export function chatJson(reply: Reply): JsonObject {
  return {
    id: reply.id,
    object: 'chat.completion',
    created: reply.created,
    model: reply.model,
    choices: reply.choices.map((choice, index) => ({
      index,
      message: message(choice),
      logprobs: null,
      finish_reason: choice.finishReason,
    })),
    usage: reply.usage,
    system_fingerprint: 'isartor-standin',
  };
}

function message(choice: Choice): JsonObject {
  if (choice.toolCall === undefined) return { role: 'assistant', content: choice.tokens.join(''), refusal: null };
  const { id, name, arguments: json } = choice.toolCall;
  const call = { id, type: 'function', function: { name, arguments: json } };
  return { role: 'assistant', content: null, refusal: null, tool_calls: [call] };
}

/** The plain JSON body of a completions answer. */
export function completionsJson(reply: Reply): JsonObject {
  return {
    id: reply.id,
    object: 'text_completion',
    created: reply.created,
    model: reply.model,
    choices: reply.choices.map((choice, index) => ({
      index,
      text: choice.tokens.join(''),
      logprobs: null,
      finish_reason: choice.finishReason,
    })),
    usage: reply.usage,
  };
}
