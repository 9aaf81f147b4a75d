import type { JsonObject } from '@isartor/shared';

/** What an answer consists of, in OpenAI's form. */
export interface Generated {
  readonly text: string;
  readonly finish: 'stop' | 'length';
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** What names an answer and all of its pieces. */
export interface AnswerHead {
  readonly id: string;
  readonly model: string;
  /** Unix seconds. */
  readonly created: number;
}

const utf8 = new TextEncoder();

/** A whole answer. */
export function plainAnswer(head: AnswerHead, generated: Generated): Uint8Array {
  const message = { role: 'assistant', content: generated.text };
  const choice = { index: 0, message, logprobs: null, finish_reason: generated.finish };
  return encoded({ object: 'chat.completion', ...head, choices: [choice], usage: usageOf(generated) });
}

/** A piece of a streamed answer; the first one names the role. */
export function answerPiece(head: AnswerHead, content: string, isFirst: boolean): Uint8Array {
  return piece(head, { ...(isFirst ? { role: 'assistant' } : {}), content }, null);
}

/** What ends a stream: the reason, the usage where it is wished for, and the end. */
export function answerEnd(head: AnswerHead, generated: Generated, wantsUsage: boolean): Uint8Array {
  const usage = { object: 'chat.completion.chunk', ...head, choices: [], usage: usageOf(generated) };
  return Buffer.concat([
    piece(head, {}, generated.finish),
    ...(wantsUsage ? [event(JSON.stringify(usage))] : []),
    event('[DONE]'),
  ]);
}

/** An error's body, in llama.cpp's words. */
export function errorAnswer(code: number, type: string, message: string): Uint8Array {
  return encoded({ error: { code, type, message } });
}

function piece(head: AnswerHead, delta: JsonObject, finish: string | null): Uint8Array {
  const choice = { index: 0, delta, finish_reason: finish };
  return event(JSON.stringify({ object: 'chat.completion.chunk', ...head, choices: [choice] }));
}

function usageOf({ promptTokens, completionTokens }: Generated) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

function event(data: string): Uint8Array {
  return utf8.encode(`data: ${data}\n\n`);
}

function encoded(value: object): Uint8Array {
  return utf8.encode(JSON.stringify(value));
}
