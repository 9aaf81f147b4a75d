import type { ServerResponse } from 'node:http';

/** Resolves true when the client has taken what was written, false when it has gone. */
export function drained(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve(false);
    const settle = (value: boolean) => () => {
      response.off('drain', onDrain).off('close', onClose);
      resolve(value);
    };
    const onDrain = settle(true);
    const onClose = settle(false);
    response.once('drain', onDrain).once('close', onClose);
  });
}
