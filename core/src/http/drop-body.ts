import type { IncomingMessage } from 'node:http';
import { freeChunk } from './free-chunk.ts';

/** How much of a refused body is read and dropped, and for how long its connection is kept for that. */
const MAX_DROPPED_BYTES = 16 * 1024 * 1024;
const DROP_FOR_MS = 30_000;

/** What is left of a request's body: nothing, some that is worth reading to its end, or more than is read for nothing. */
export function unreadBody(request: IncomingMessage): 'none' | 'some' | 'too-much' {
  const { headers } = request;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (!hasBody || request.complete || request.destroyed) return 'none';
  return Number(headers['content-length'] ?? Number.NaN) <= MAX_DROPPED_BYTES ? 'some' : 'too-much';
}

/**
 * Reads the rest of a refused body and drops it, then calls `done`. A client may still be sending: to close before it
 * has ended would reset the connection and could cost it the answer. `done` is called in any case, once. As many at a
 * time as there are refused senders: each chunk is freed as it comes, and whoever waited for a turn would be kept from
 * its own connection by others.
 */
export function dropBody(request: IncomingMessage, done: () => void): void {
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    done();
  };
  const timer = setTimeout(() => request.destroy(), DROP_FOR_MS);
  request.once('end', finish).once('close', finish).on('data', freeChunk).resume();
  if (request.destroyed) finish();
}
