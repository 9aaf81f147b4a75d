import type { JsonObject, JsonValue } from '../json/json-value.ts';
import { SSE_DONE, type SseEvent } from '../sse/sse-event.ts';

/** What each chunk of a stream in these tests says of itself. */
export const CHUNK_TOP = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o-mini' };

/** Chunks as a stream, ended by its marker. */
export function streamOf(...chunks: readonly JsonValue[]): SseEvent[] {
  return [...chunks.map((chunk) => ({ data: JSON.stringify(chunk) })), { data: SSE_DONE }];
}

/** The stream of one choice: a chunk for each delta, then its end. */
export function streamOfDeltas(...deltas: readonly JsonObject[]): SseEvent[] {
  return streamOf(...deltas.map((delta) => ({ ...CHUNK_TOP, choices: [{ index: 0, delta, finish_reason: null }] })), {
    ...CHUNK_TOP,
    choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
  });
}
