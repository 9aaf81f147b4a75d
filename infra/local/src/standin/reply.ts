import { tokensOf } from './tokens.ts';

/** One choice of an answer, before it is written as plain JSON or as a stream. */
export interface Choice {
  /** The text in pieces, in order; empty for a tool call. */
  readonly tokens: readonly string[];
  readonly toolCall?: ToolCall;
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
}

/** A call of one function, with its arguments as JSON text. */
interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** Token figures as the API reports them. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** A whole answer. */
export interface Reply {
  readonly id: string;
  /** Unix seconds; made from the request, so that equal requests get equal answers. */
  readonly created: number;
  readonly model: string;
  readonly choices: readonly Choice[];
  readonly usage: Usage;
}

/** Cuts a text as `stop` and the token limit ask. */
export function textChoice(text: string, limits: { stop: readonly string[]; maxTokens: number | undefined }): Choice {
  const ends = limits.stop.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  const tokens = tokensOf(ends.length > 0 ? text.slice(0, Math.min(...ends)) : text);
  if (limits.maxTokens !== undefined && tokens.length > limits.maxTokens) {
    return { tokens: tokens.slice(0, limits.maxTokens), finishReason: 'length' };
  }
  return { tokens, finishReason: 'stop' };
}

/** Counts what the choices came to. */
export function usageOf(promptTokens: number, choices: readonly Choice[]): Usage {
  const completion = choices.reduce((sum, choice) => sum + choice.tokens.length + callTokens(choice.toolCall), 0);
  return { prompt_tokens: promptTokens, completion_tokens: completion, total_tokens: promptTokens + completion };
}

function callTokens(call: ToolCall | undefined): number {
  return call === undefined ? 0 : tokensOf(call.name).length + tokensOf(call.arguments).length;
}
