import { GatewayError } from '@isartor/shared';

/** How long a provider may take, in ms. */
export interface Clocks {
  readonly plainMs: number;
  readonly streamMs: number;
}

/** Token of the clocks. */
export const Clocks = Symbol('Clocks');

/** The deadline of one call: aborts its signal when the time is up, or when the client's own signal aborts. */
export class CallClock {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly onParentAbort = () => this.controller.abort(this.parent.reason);

  constructor(
    private readonly parent: AbortSignal,
    ms: number,
  ) {
    this.timer = setTimeout(() => {
      this.controller.abort(new GatewayError('upstream_timeout', `The answer was not complete within ${ms / 1000} s.`));
    }, ms);
    if (parent.aborted) this.onParentAbort();
    else parent.addEventListener('abort', this.onParentAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  stop(): void {
    clearTimeout(this.timer);
    this.parent.removeEventListener('abort', this.onParentAbort);
  }
}
