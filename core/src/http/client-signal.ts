import type { ServerResponse } from 'node:http';
import { GatewayError } from '@isartor/shared';

/** Tells whether the client has gone before its answer was whole. */
export class ClientSignal {
  left = false;
  private controller: AbortController | undefined;

  constructor(response: ServerResponse) {
    response.once('close', () => {
      if (response.writableFinished) return;
      this.left = true;
      this.controller?.abort(reason());
    });
  }

  /** Aborted when it has gone. Made when it is first asked for: most answers come from a cache, which never asks. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.left) this.controller.abort(reason());
    }
    return this.controller.signal;
  }
}

function reason(): GatewayError {
  return new GatewayError('internal', 'The client left.');
}
