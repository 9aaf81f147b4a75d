import type { JsonObject } from './json.ts';
import type { Choice, Reply } from './reply.ts';
import { tokensOf } from './tokens.ts';

/** A piece of a stream. Paced pieces carry a token and go out at the stand-in's speed, the others at once. */
export interface Chunk {
  readonly paced: boolean;
  readonly data: JsonObject;
}

/** The chunks of a chat answer, in order, without the closing `[DONE]`. */
export function* chatChunks(reply: Reply, includeUsage: boolean): Generator<Chunk> {
  const head = envelope(reply, 'chat.completion.chunk', includeUsage);
  const chunk = (index: number, delta: JsonObject, finish: string | null, paced = false): Chunk => ({
    paced,
    data: { ...head, choices: [{ index, delta, logprobs: null, finish_reason: finish }] },
  });
  for (const [index, choice] of reply.choices.entries()) {
    yield chunk(index, { role: 'assistant', content: choice.toolCall === undefined ? '' : null }, null);
  }
  for (const { index, choice, at } of interleaved(reply.choices)) {
    if (choice.toolCall === undefined) {
      yield chunk(index, { content: choice.tokens[at] ?? '' }, null, true);
      continue;
    }
    const { id, name, arguments: json } = choice.toolCall;
    if (at === 0) {
      const opened = { index: 0, id, type: 'function', function: { name, arguments: '' } };
      yield chunk(index, { tool_calls: [opened] }, null);
    }
    const piece = { index: 0, function: { arguments: tokensOf(json)[at] ?? '' } };
    yield chunk(index, { tool_calls: [piece] }, null, true);
  }
  for (const [index, choice] of reply.choices.entries()) yield chunk(index, {}, choice.finishReason);
  if (includeUsage) yield { paced: false, data: { ...head, choices: [], usage: reply.usage } };
}

/** The chunks of a completions answer, in order, without the closing `[DONE]`. */
export function* completionsChunks(reply: Reply, includeUsage: boolean): Generator<Chunk> {
  const head = envelope(reply, 'text_completion', includeUsage);
  const chunk = (index: number, text: string, finish: string | null, paced: boolean): Chunk => ({
    paced,
    data: { ...head, choices: [{ index, text, logprobs: null, finish_reason: finish }] },
  });
  for (const { index, choice, at } of interleaved(reply.choices))
    yield chunk(index, choice.tokens[at] ?? '', null, true);
  for (const [index, choice] of reply.choices.entries()) yield chunk(index, '', choice.finishReason, false);
  if (includeUsage) yield { paced: false, data: { ...head, choices: [], usage: reply.usage } };
}

function envelope(reply: Reply, object: string, includeUsage: boolean): JsonObject {
  const head = { id: reply.id, object, created: reply.created, model: reply.model };
  // As the API does it: with include_usage every chunk has the member, and all but the last say null.
  return includeUsage ? { ...head, usage: null } : head;
}

/** The tokens of all choices by turns, as a server that samples them together sends them. */
function* interleaved(choices: readonly Choice[]): Generator<{ index: number; choice: Choice; at: number }> {
  const lengths = choices.map((one) => (one.toolCall ? tokensOf(one.toolCall.arguments).length : one.tokens.length));
  const longest = Math.max(0, ...lengths);
  for (let at = 0; at < longest; at++) {
    for (const [index, choice] of choices.entries()) {
      if (at < (lengths[index] ?? 0)) yield { index, choice, at };
    }
  }
}
