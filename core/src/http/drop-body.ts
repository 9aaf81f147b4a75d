import type { IncomingMessage } from 'node:http';

/** How much of a refused body is read and dropped, and for how long its connection is kept for that. */
const MAX_DROPPED_BYTES = 16 * 1024 * 1024;
const DROP_FOR_MS = 30_000;
/** Bodies dropped at a time: each chunk is garbage, and garbage that comes faster than it is collected is memory. */
const MAX_DROPPING = 4;

let dropping = 0;
const waiting: (() => void)[] = [];

/**
 * Ends the body of a request that was answered before it was read. A client may still be sending, and closing at once
 * would reset the connection and could cost it the answer: what it declared is read and dropped. Returns false where
 * that is not worth while and the connection is to be closed with the answer: no declared end, or too far off.
 */
export function dropBody(request: IncomingMessage): boolean {
  if (!isUnread(request)) return true;
  const declared = Number(request.headers['content-length'] ?? Number.NaN);
  if (!(declared <= MAX_DROPPED_BYTES)) return false;
  request.pause();
  let running = false;
  const run = (): void => {
    running = true;
    dropping += 1;
    request.resume();
  };
  const timer = setTimeout(() => request.destroy(), DROP_FOR_MS);
  request.once('close', () => {
    clearTimeout(timer);
    if (running) {
      dropping -= 1;
      waiting.shift()?.();
    } else {
      waiting.splice(waiting.indexOf(run), 1);
    }
  });
  if (dropping < MAX_DROPPING) run();
  else waiting.push(run);
  return true;
}

function isUnread(request: IncomingMessage): boolean {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  return hasBody && !request.complete;
}
