import { canonicalJson } from '../json/canonical-json.ts';
import { hasExactIntegers } from '../json/exact-integers.ts';
import { isJsonObject, type JsonObject } from '../json/json-value.ts';
import { OPERATION_SPECS, type Operation } from '../operation.ts';
import type { SseEvent } from '../sse/sse-event.ts';
import { aggregateMessage } from './anthropic/aggregate-message.ts';
import { aggregateAnswer } from './gemini/aggregate-answer.ts';
import { aggregateStream as aggregateChunks } from './openai/aggregate-stream.ts';
import { isReplayable as isReplayableAsChunks } from './openai/replay-body.ts';
import { replayBody } from './replay-body.ts';
import { aggregateResponse } from './responses/aggregate-response.ts';

/** Those of dialects of their own; all others stream as OpenAI's chat does, or not at all. */
const AGGREGATES: Partial<Record<Operation, (events: readonly SseEvent[]) => JsonObject | undefined>> = {
  'anthropic.messages': aggregateMessage,
  'gemini.generate': aggregateAnswer,
  'openai.responses': aggregateResponse,
};

/**
 * The plain body that a whole stream adds up to, as the dialect's official SDK accumulates it. Undefined when it has no
 * end, says an error, is not JSON or contradicts itself, when it says a number that would be written with other digits,
 * and for an operation that does not stream.
 */
export function aggregateStream(operation: Operation, events: readonly SseEvent[]): JsonObject | undefined {
  const aggregate = AGGREGATES[operation];
  return aggregate === undefined ? aggregateChunks(operation, events) : aggregate(events);
}

/**
 * Whether a replay of a body adds up to that body again: one that no stream can say must not be stored. `text` is the
 * body as it was written, where it was: what a replay would write with other digits is not replayable either.
 */
export function isReplayable(operation: Operation, body: JsonObject, text?: string): boolean {
  if (!OPERATION_SPECS[operation].streams) return true;
  if (text !== undefined && !hasExactIntegers(text)) return false;
  const aggregate = AGGREGATES[operation];
  if (aggregate === undefined) return isReplayableAsChunks(operation, body);
  const sum = aggregate(replayBody(operation, body, { includeUsage: true }));
  return sum !== undefined && canonicalJson(sum) === canonicalJson(body);
}

/** Whether an answer that a stream added up to says what it cost. */
export function saysUsage(body: JsonObject): boolean {
  return isJsonObject(body['usage'] ?? body['usageMetadata']);
}
