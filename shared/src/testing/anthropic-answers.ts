import { replayMessage } from '../dialects/anthropic/replay-message.ts';
import type { JsonObject } from '../json/json-value.ts';
import { encodeSseEvent, type SseEvent } from '../sse/sse-event.ts';
import type { FakeAnswer, FakeStep } from './fake-answer.ts';

/** A complete message of Anthropic's. `overrides` take the place of top-level members. */
export function messageBody(text: string, overrides: JsonObject = {}): JsonObject {
  return {
    id: 'msg_fake',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-4-5-20251001',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 9,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 12,
      service_tier: 'standard',
    },
    ...overrides,
  };
}

/** The stream that a plain message would have been, one event a step, each under its name. */
export function messageStream(body: JsonObject): FakeStream {
  return { kind: 'stream', steps: namedSteps(replayMessage(body)) };
}

/** A streamed answer whose steps are all there at once. */
export type FakeStream = Extract<FakeAnswer, { kind: 'stream' }> & { readonly steps: readonly FakeStep[] };

/** Events as steps of a stream, each under its name. */
export function namedSteps(events: readonly SseEvent[]): { readonly raw: string }[] {
  return events.map((event) => ({ raw: encodeSseEvent(event) }));
}

/** An error answer in Anthropic's shape. */
export function messageError(
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): FakeAnswer {
  return { kind: 'json', status, headers, body: { type: 'error', error: { type, message }, request_id: 'req_fake' } };
}
