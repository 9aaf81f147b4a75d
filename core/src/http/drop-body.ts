import type { IncomingMessage } from 'node:http';
import { freeChunk } from './free-chunk.ts';

/** How much of a refused body is read and dropped, and for how long its connection is kept for that. */
const MAX_DROPPED_BYTES = 16 * 1024 * 1024;
const DROP_FOR_MS = 30_000;
/** Bodies dropped at a time: refused senders must not take the loop from admitted ones. */
const MAX_DROPPING = 4;
const MAX_WAITING = 1024;

let dropping = 0;
const waiting: (() => void)[] = [];

/** What is left of a request's body: nothing, some that is worth reading to its end, or more than is read for nothing. */
export function unreadBody(request: IncomingMessage): 'none' | 'some' | 'too-much' {
  const { headers } = request;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  if (!hasBody || request.complete) return 'none';
  const isShort = Number(headers['content-length'] ?? Number.NaN) <= MAX_DROPPED_BYTES;
  return isShort && waiting.length < MAX_WAITING ? 'some' : 'too-much';
}

/**
 * Reads the rest of a refused body and drops it, then calls `done`. A client may still be sending: to close before it
 * has ended would reset the connection and could cost it the answer. `done` is called in any case, once.
 */
export function dropBody(request: IncomingMessage, done: () => void): void {
  request.pause();
  let state: 'waiting' | 'running' | 'over' = 'waiting';
  const run = (): void => {
    state = 'running';
    dropping += 1;
    request.on('data', freeChunk).resume();
  };
  const finish = (): void => {
    if (state === 'over') return;
    clearTimeout(timer);
    if (state === 'running') {
      dropping -= 1;
      waiting.shift()?.();
    } else {
      waiting.splice(waiting.indexOf(run), 1);
    }
    state = 'over';
    done();
  };
  const timer = setTimeout(() => request.destroy(), DROP_FOR_MS);
  request.once('end', finish).once('close', finish);
  if (dropping < MAX_DROPPING) run();
  else waiting.push(run);
}
