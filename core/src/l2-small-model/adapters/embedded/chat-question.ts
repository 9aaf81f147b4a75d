import { isJsonArray, isJsonObject, parseJson, type JsonObject, type JsonValue } from '@isartor/shared';
import type { ChatItem } from './llama-library.ts';

/** A chat request as the library wants it. */
export interface ChatQuestion {
  readonly history: readonly ChatItem[];
  /** Undefined: as many as fit. */
  readonly maxTokens: number | undefined;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number | undefined;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  readonly stop: readonly string[];
  readonly wantsUsage: boolean;
}

/** Reads a chat request's body, of which all that cannot be honoured was sorted out before. */
export function readChatQuestion(bytes: Uint8Array): ChatQuestion {
  const value = parseJson(new TextDecoder().decode(bytes));
  const body: JsonObject = isJsonObject(value) ? value : {};
  const options = body['stream_options'];
  return {
    history: historyOf(body['messages']),
    maxTokens: numberOf(body['max_completion_tokens']) ?? numberOf(body['max_tokens']),
    temperature: numberOf(body['temperature']) ?? 1,
    topP: numberOf(body['top_p']) ?? 1,
    seed: numberOf(body['seed']),
    frequencyPenalty: numberOf(body['frequency_penalty']) ?? 0,
    presencePenalty: numberOf(body['presence_penalty']) ?? 0,
    stop: stopsOf(body['stop']),
    wantsUsage: isJsonObject(options) && options['include_usage'] === true,
  };
}

/** The conversation, open for the model's turn. */
export function historyOf(messages: JsonValue | undefined): readonly ChatItem[] {
  const items = (isJsonArray(messages) ? messages : []).map((message): ChatItem => {
    const { role, content } = isJsonObject(message) ? message : {};
    const text = textOf(content);
    if (role === 'assistant') return { type: 'model', response: [text] };
    return { type: role === 'system' ? 'system' : 'user', text };
  });
  return [...items, { type: 'model', response: [] }];
}

function textOf(content: JsonValue | undefined): string {
  if (typeof content === 'string') return content;
  const parts = isJsonArray(content) ? content : [];
  return parts.map((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('\n');
}

function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function stopsOf(stop: JsonValue | undefined): readonly string[] {
  const list = isJsonArray(stop) ? stop : [stop];
  return list.flatMap((item) => (typeof item === 'string' && item !== '' ? [item] : []));
}
