/** How long one request may wait for Redis in all, however often it reads there. */
export class WaitBudget {
  constructor(
    private leftMs: number,
    private readonly now: () => number,
  ) {}

  /**
   * Waits for work, which is told how many milliseconds it may take.
   *
   * @throws what the work throws, and an error of its own when nothing is left.
   */
  async spend<Value>(work: (limitMs: number) => Promise<Value>): Promise<Value> {
    if (this.leftMs <= 0) throw new Error('this request has waited for Redis for as long as it may');
    const began = this.now();
    try {
      return await work(this.leftMs);
    } finally {
      // A clock that was put back gives nothing back.
      this.leftMs -= Math.max(0, this.now() - began);
    }
  }
}
