/** How long a wait may last. */
export interface WaitBound {
  readonly limitMs: number;
  /** Aborted when the client has gone: then nobody waits any more. */
  readonly client: AbortSignal;
}

/** How long one request may wait for Redis in all, however often it reads there. */
export class WaitBudget {
  constructor(
    private leftMs: number,
    private readonly request: Request,
    private readonly now: () => number,
  ) {}

  /**
   * Waits for work, which is told how long it may take.
   *
   * @throws what the work throws, and an error of its own when nothing is left.
   */
  async spend<Value>(work: (bound: WaitBound) => Promise<Value>): Promise<Value> {
    if (this.leftMs <= 0) throw new Error('this request has waited for Redis for as long as it may');
    const began = this.now();
    try {
      return await work({ limitMs: this.leftMs, client: this.request.signal });
    } finally {
      // A clock that was put back gives nothing back.
      this.leftMs -= Math.max(0, this.now() - began);
    }
  }
}
