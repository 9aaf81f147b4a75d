import type { ServerResponse } from 'node:http';
import { latin1Of } from '../latin1-of.ts';
import { unwatch, watch } from '../watch.ts';

/**
 * Waits until the client has taken what was written: true. False when it has gone, or has taken nothing for `maxMs`:
 * then the connection is given up, for a client that does not read must not hold its place for ever.
 */
export function drained(response: ServerResponse, maxMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve(false);
    const settle = (value: boolean) => (): void => {
      clearTimeout(timer);
      response.off('drain', onDrain).off('close', onClose);
      if (!value) response.destroy();
      resolve(value);
    };
    const onDrain = settle(true);
    const onClose = settle(false);
    const timer = setTimeout(onClose, maxMs);
    response.once('drain', onDrain).once('close', onClose);
  });
}

/** Up to this many bytes a body is sent as text in one piece with its head: one buffer for the kernel in place of two. */
const ONE_PIECE_BYTES = 32 * 1024;

/** Sends the last bytes of a response; a client that takes none of them for `maxMs` is given up. */
export function endWithin(response: ServerResponse, maxMs: number, last?: Uint8Array | string): void {
  if (last instanceof Uint8Array && last.byteLength <= ONE_PIECE_BYTES) response.end(latin1Of(last), 'latin1');
  else response.end(last);
  // All of it is with the kernel already, or nobody is left to take it. (A response that waits for the one before it has
  // no socket yet.)
  if (response.destroyed || response.socket?.writableLength === 0) return;
  const dueAt = performance.now() + maxMs;
  const clock = {
    check: (nowMs: number): void => {
      if (nowMs < dueAt) return;
      unwatch(clock);
      response.destroy();
    },
  };
  watch(clock);
  const stop = (): void => unwatch(clock);
  response.once('finish', stop).once('close', stop);
}
