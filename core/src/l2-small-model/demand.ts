const WINDOW_SECS = 60;

interface Second {
  second: number;
  wanted: number;
  peak: number;
}

/**
 * How much the small model is wanted, whether there is one or not: a pool scaled to zero wakes by it. Figures are those
 * of the last minute, since who reads them comes by every half a minute or so.
 */
export class Demand {
  private readonly seconds: Second[] = [];
  private current = 0;

  constructor(private readonly nowMs: () => number) {}

  /** A request has come that the small model may answer and that is not decided against without it; what comes back is to be called when it is answered. */
  begin(): () => void {
    this.current += 1;
    const now = this.thisSecond();
    now.wanted += 1;
    now.peak = Math.max(now.peak, this.current);
    return () => {
      // One that goes on over seconds was there in each of them.
      const last = this.thisSecond();
      last.peak = Math.max(last.peak, this.current);
      this.current -= 1;
    };
  }

  /** Most requests at one time. */
  get pending(): number {
    return Math.max(this.current, ...this.recent().map(({ peak }) => peak));
  }

  /** Requests altogether. */
  get wanted(): number {
    return this.recent().reduce((sum, { wanted }) => sum + wanted, 0);
  }

  private thisSecond(): Second {
    const second = Math.floor(this.nowMs() / 1_000);
    const last = this.seconds.at(-1);
    if (last?.second === second) return last;
    const fresh = { second, wanted: 0, peak: this.current };
    this.seconds.push(fresh);
    if (this.seconds.length > WINDOW_SECS) this.seconds.shift();
    return fresh;
  }

  private recent(): readonly Second[] {
    const since = Math.floor(this.nowMs() / 1_000) - WINDOW_SECS;
    return this.seconds.filter(({ second }) => second > since);
  }
}
