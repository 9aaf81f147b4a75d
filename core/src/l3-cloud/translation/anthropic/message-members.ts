import type { LanguageModelV4FinishReason, LanguageModelV4Usage } from '@ai-sdk/provider';
import type { JsonObject } from '@isartor/shared';
import type { AnswerLabel } from '../surface.port.ts';

/** A message before it has said anything. */
export function emptyMessage({ id, model }: AnswerLabel): JsonObject {
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  };
}

/** A call's id as Anthropic takes it back: servers of open models have signs in theirs (`functions.weather:0`) that it refuses. */
export function toolUseId(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
}

/**
 * Why a message ended. What ended for no good reason must not read as whole. Servers that call a call an end (`stop`) are
 * corrected: agents of Anthropic's go by `tool_use` alone.
 *
 * @param called whether the message tells of a call
 */
export function stopReasonOf(unified: LanguageModelV4FinishReason['unified'], called: boolean): string {
  switch (unified) {
    case 'stop':
      return called ? 'tool_use' : 'end_turn';
    case 'tool-calls':
      return 'tool_use';
    case 'length':
    case 'interrupted':
      return 'max_tokens';
    case 'content-filter':
    case 'error':
    case 'other':
      return 'refusal';
    default:
      return unified satisfies never;
  }
}

/** The usage: what was read from or written to a cache is no part of `input_tokens`, as Anthropic counts. */
export function usageOf({ inputTokens, outputTokens }: LanguageModelV4Usage): JsonObject {
  const read = inputTokens.cacheRead ?? 0;
  const written = inputTokens.cacheWrite ?? 0;
  return {
    input_tokens: Math.max(0, (inputTokens.total ?? 0) - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    output_tokens: outputTokens.total ?? 0,
  };
}
