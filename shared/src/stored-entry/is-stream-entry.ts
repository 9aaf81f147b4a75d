import type { StoredEntryMeta } from './stored-entry-meta.ts';

/** Content type of a replayed stream. */
export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** Whether an entry's body is SSE text: a stream without final usage, which serves streams only. */
export function isStreamEntry(meta: StoredEntryMeta): boolean {
  return /^text\/event-stream\s*(?:;|$)/i.test(meta.contentType);
}
