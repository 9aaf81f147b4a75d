import {
  aggregateStream,
  MAX_STORED_BYTES,
  encodeSseEvent,
  isJsonObject,
  isReplayable,
  parseJson,
  parseSseFrame,
  saysUsage,
  SseFramer,
  unstorableRule,
  usageOf,
  type JsonObject,
  type JsonValue,
  type SseEvent,
  type StoredEntry,
} from '@isartor/shared';
import type { Answer } from '../pipeline/answer.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { ExactCacheSettings } from './cache-plan.ts';

/** Under which terms an answer is stored. */
export interface StoreTerms {
  readonly context: RequestContext;
  /** The request as parsed. */
  readonly requestBody: JsonObject;
  readonly epoch: string;
  readonly policy: string;
  readonly settings: ExactCacheSettings;
  /** The key's or the request's own limit on the life of an entry, in seconds. */
  readonly ttlSecs: number | undefined;
  /** Unix ms. */
  readonly now: number;
}

/** Names go into metadata and headers; a longer one is no model's. */
const MAX_MODEL_NAME = 256;

interface Content {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly json: JsonObject;
  /** The body as it was written, where a provider wrote it. */
  readonly text?: string;
}

/**
 * The entry that holds a plain answer, or undefined when the rules say that it must not be stored.
 * A native answer says which layer spoke; from the store that is layer 1.
 */
export function entryOfPlain(terms: StoreTerms, answer: Answer, bytes: Uint8Array): StoredEntry | undefined {
  if (answer.status !== 200 || bytes.byteLength > MAX_STORED_BYTES) return undefined;
  const text = decoded(bytes);
  const json = text === undefined ? undefined : parsed(text);
  if (text === undefined || !isJsonObject(json)) return undefined;
  return entryOf(terms, answer, { contentType: answer.headers['content-type'] ?? '', bytes, json, text });
}

/**
 * The entry that holds a whole stream: as the plain body it adds up to, so that streamed and plain requests share it.
 * A stream that never told its usage lacks what a plain body has, and is kept as the stream it was.
 */
export function entryOfStream(terms: StoreTerms, answer: Answer, stream: Uint8Array): StoredEntry | undefined {
  const events = eventsOf(stream);
  const json = aggregateStream(terms.context.operation, events);
  if (json === undefined) return undefined;
  if (saysUsage(json)) {
    const bytes = new TextEncoder().encode(JSON.stringify(json));
    return entryOf(terms, answer, { contentType: 'application/json', bytes, json });
  }
  const bytes = new TextEncoder().encode(events.map(encodeSseEvent).join(''));
  return entryOf(terms, answer, { contentType: 'text/event-stream', bytes, json });
}

function entryOf(terms: StoreTerms, answer: Answer, content: Content): StoredEntry | undefined {
  const { context, settings } = terms;
  if (unstorable(terms, answer, content) !== null) return undefined;
  // A body that no stream can say would answer streamed and plain requests differently.
  if (!isReplayable(context.operation, content.json, content.text)) return undefined;

  const model = modelOf(content.json) ?? answer.model ?? '';
  if (model.length > MAX_MODEL_NAME) return undefined;
  const lifeSecs = Math.min(settings.ttlSecs, terms.ttlSecs ?? settings.ttlSecs);
  // What would never be fresh must not take the place of what is.
  if (lifeSecs === 0) return undefined;
  const freshUntil = terms.now + lifeSecs * 1000;
  const body = context.operation === 'native.chat' ? asLayerOne(content) : content.bytes;
  return {
    meta: {
      v: 1,
      status: 200,
      contentType: content.contentType,
      operation: context.operation,
      layer: answer.layer,
      provider: answer.provider ?? '',
      model,
      createdAt: terms.now,
      freshUntil,
      staleUntil: freshUntil + settings.staleSecs * 1000,
      epoch: terms.epoch,
      policy: terms.policy,
      origin: answer.layer,
      source: null,
      usage: answer.usage ?? usageOf(context.operation, content.json),
      bodyBytes: body.byteLength,
    },
    body,
  };
}

function unstorable({ context, requestBody }: StoreTerms, answer: Answer, content: Content): string | null {
  if (answer.unstorable !== undefined) return answer.unstorable;
  const judged = { contentType: content.contentType, body: content.json, byteLength: content.bytes.byteLength };
  return unstorableRule(context.operation, requestBody, { status: answer.status, ...judged }) ?? null;
}

function eventsOf(stream: Uint8Array): SseEvent[] {
  return new SseFramer()
    .push(stream)
    .map((frame) => parseSseFrame(frame.bytes))
    .filter((event) => event !== undefined);
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not UTF-8: passed on as it is, and not stored. The same goes for what is not JSON.
    return undefined;
  }
}

function parsed(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function modelOf(json: JsonObject): string | undefined {
  const model = json['model'] ?? json['modelVersion'];
  return typeof model === 'string' ? model : undefined;
}

function asLayerOne(content: Content): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ...content.json, layer: 1 }));
}
