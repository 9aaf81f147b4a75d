import { replayBody } from '../dialects/replay-body.ts';
import { isJsonObject, parseJson } from '../json/json-value.ts';
import { encodeSseEvent } from '../sse/sse-event.ts';
import { EVENT_STREAM, isStreamEntry } from './is-stream-entry.ts';
import type { StoredEntry } from './stored-entry.ts';

/** What goes to the client. */
export interface ServedEntry {
  readonly contentType: string;
  readonly body: Uint8Array;
}

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The answer that an entry gives: its own bytes, or for a stream the events that add up to them. Only for an entry that
 * judgeEntry lets pass for this kind of request. Throws when the body is damaged: to the caller a miss, why=error.
 */
export function serveEntry(
  entry: StoredEntry,
  request: { readonly stream: boolean; readonly includeUsage: boolean },
): ServedEntry {
  const { meta, body } = entry;
  if (isStreamEntry(meta)) {
    if (!request.stream) throw new TypeError('an entry kept as a stream cannot answer a plain request');
    return { contentType: meta.contentType, body };
  }
  if (!request.stream) return { contentType: meta.contentType, body };
  const answer = parseJson(text.decode(body));
  if (!isJsonObject(answer)) throw new TypeError('the stored body is not an object');
  const events = replayBody(meta.operation, answer, { includeUsage: request.includeUsage });
  return { contentType: EVENT_STREAM, body: utf8.encode(events.map(encodeSseEvent).join('')) };
}
