import type { JsonObject } from '../../json/json-value.ts';
import type { SseEvent } from '../../sse/sse-event.ts';

/** The stream of an answer that is all there: one chunk, which in Gemini's streams has the form of a whole answer. */
export function replayAnswer(body: JsonObject): SseEvent[] {
  return [{ data: JSON.stringify(body) }];
}
