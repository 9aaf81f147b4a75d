import { canonicalJson } from '../json/canonical-json.ts';
import { hasExactIntegers } from '../json/exact-integers.ts';
import { isJsonObject, type JsonObject } from '../json/json-value.ts';
import type { Operation } from '../operation.ts';
import type { SseEvent } from '../sse/sse-event.ts';
import { aggregateMessage } from './anthropic/aggregate-message.ts';
import { replayMessage } from './anthropic/replay-message.ts';
import { aggregateAnswer } from './gemini/aggregate-answer.ts';
import { replayAnswer } from './gemini/replay-answer.ts';
import { aggregateStream as aggregateChunks } from './openai/aggregate-stream.ts';
import { isReplayable as isReplayableAsChunks, replayBody as replayAsChunks } from './openai/replay-body.ts';
import { aggregateResponse } from './responses/aggregate-response.ts';
import { replayResponse } from './responses/replay-response.ts';

/** How the answers of an operation stream: events to a plain body, and back. */
interface StreamForm {
  aggregate(events: readonly SseEvent[]): JsonObject | undefined;
  replay(body: JsonObject): SseEvent[];
  /** Whether a replay writes numbers of the body anew, outside of texts. */
  readonly writesNumbers: boolean;
}

/** Those of dialects of their own; all others stream as OpenAI's chat does, or not at all. */
const FORMS: Partial<Record<Operation, StreamForm>> = {
  'anthropic.messages': { aggregate: aggregateMessage, replay: replayMessage, writesNumbers: true },
  'gemini.generate': { aggregate: aggregateAnswer, replay: replayAnswer, writesNumbers: true },
  'openai.responses': { aggregate: aggregateResponse, replay: replayResponse, writesNumbers: false },
};

/**
 * The plain body that a whole stream adds up to, as the dialect's official SDK accumulates it. Undefined when it has no
 * end, says an error, is not JSON or contradicts itself, and for an operation that does not stream.
 */
export function aggregateStream(operation: Operation, events: readonly SseEvent[]): JsonObject | undefined {
  const form = FORMS[operation];
  return form === undefined ? aggregateChunks(operation, events) : form.aggregate(events);
}

/** How a stored body is to be replayed. */
export interface ReplayOptions {
  /** Whether the usage is told, in dialects where the client has to ask for it. */
  readonly includeUsage: boolean;
}

/**
 * The events of a stream that adds up to a stored body: `aggregateStream` of them (with `includeUsage`) equals it.
 * Throws RangeError for an operation that does not stream.
 */
export function replayBody(operation: Operation, body: JsonObject, options: ReplayOptions): SseEvent[] {
  return FORMS[operation]?.replay(body) ?? replayAsChunks(operation, body, options);
}

/**
 * Whether a replay of a body adds up to that body again: one that no stream can say must not be stored. `text` is the
 * body as it was written, where it was: what a replay would write with other digits is not replayable either.
 */
export function isReplayable(operation: Operation, body: JsonObject, text?: string): boolean {
  const form = FORMS[operation];
  if (form === undefined) return isReplayableAsChunks(operation, body);
  if (form.writesNumbers && text !== undefined && !hasExactIntegers(text)) return false;
  const sum = form.aggregate(form.replay(body));
  return sum !== undefined && canonicalJson(sum) === canonicalJson(body);
}

/** Whether an answer that a stream added up to says what it cost. */
export function saysUsage(body: JsonObject): boolean {
  return isJsonObject(body['usage'] ?? body['usageMetadata']);
}
