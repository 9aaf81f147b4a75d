import type { JsonObject } from '../json/json-value.ts';
import type { Operation } from '../operation.ts';
import type { SseEvent } from '../sse/sse-event.ts';
import { replayMessage } from './anthropic/replay-message.ts';
import { replayAnswer } from './gemini/replay-answer.ts';
import { replayBody as replayAsChunks } from './openai/replay-body.ts';
import { replayResponse } from './responses/replay-response.ts';

/** How a stored body is to be replayed. */
export interface ReplayOptions {
  /** Whether the usage is told, in dialects where the client has to ask for it. */
  readonly includeUsage: boolean;
}

/** Those of dialects of their own. Apart from how streams add up: the edge replays, and aggregates nothing. */
const REPLAYS: Partial<Record<Operation, (body: JsonObject) => SseEvent[]>> = {
  'anthropic.messages': replayMessage,
  'gemini.generate': replayAnswer,
  'openai.responses': replayResponse,
};

/**
 * The events of a stream that adds up to a stored body: `aggregateStream` of them (with `includeUsage`) equals it.
 * Throws RangeError for an operation that does not stream.
 */
export function replayBody(operation: Operation, body: JsonObject, options: ReplayOptions): SseEvent[] {
  return REPLAYS[operation]?.(body) ?? replayAsChunks(operation, body, options);
}
