/**
 * How many traces may begin: so many a second, and as many at once after a quiet second (a token bucket). What one trace
 * costs is the same under any load, but only under a low one can it be afforded for every share of the requests.
 */
export class TraceBudget {
  private tokens: number;
  private filledAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly perSecond: number) {
    this.tokens = perSecond;
  }

  /** Takes one trace out of the budget; false: it is spent. */
  take(nowMs: number): boolean {
    const gained = ((nowMs - this.filledAtMs) / 1_000) * this.perSecond;
    this.tokens = Math.min(this.perSecond, this.tokens + gained);
    this.filledAtMs = nowMs;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
