import { LRUCache } from 'lru-cache';

/** Keys come from the configuration; the bound only keeps a mistake from growing without end. */
const MAX_KEYS = 10_000;
/** Reports of one key at once, and how long one of them takes to come back. */
const BURST = 30;
const REFILL_MS = 10_000;

interface Bucket {
  readonly left: number;
  /** When it held `left`, in ms. */
  readonly at: number;
}

/** How often a key may report, in this process: 30 at once, 6 a minute after that. A token bucket. */
export class FeedbackLimit {
  private readonly buckets = new LRUCache<string, Bucket>({ max: MAX_KEYS });

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Takes one; where none is left, the seconds until there is one. */
  take(key: string): number | undefined {
    const at = this.nowMs();
    const before = this.buckets.get(key) ?? { left: BURST, at };
    const left = Math.min(BURST, before.left + (at - before.at) / REFILL_MS);
    if (left < 1) return Math.ceil(((1 - left) * REFILL_MS) / 1_000);
    this.buckets.set(key, { left: left - 1, at });
    return undefined;
  }
}
