import type { ServerResponse } from 'node:http';

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

/** Sends the last bytes of a response; a client that takes none of them for `maxMs` is given up. */
export function endWithin(response: ServerResponse, maxMs: number, bytes?: Uint8Array | string): void {
  const timer = setTimeout(() => response.destroy(), maxMs);
  const stop = (): void => clearTimeout(timer);
  response.once('finish', stop).once('close', stop).end(bytes);
}
