import type { Time } from '../../src/upstream/time.ts';

interface Timer {
  readonly at: number;
  readonly action: () => void;
}

/** Time that passes only when a test says so, and while somebody sleeps. */
export class ManualTime implements Time {
  /** How long each sleep was, in ms. */
  readonly sleeps: number[] = [];
  private now = 0;
  private readonly timers = new Set<Timer>();

  constructor(private readonly startedAtUnixMs = Date.parse('2025-06-01T12:00:00Z')) {}

  /** Timers that have neither run out nor been called off. */
  get pending(): number {
    return this.timers.size;
  }

  nowMs(): number {
    return this.now;
  }

  unixMs(): number {
    return this.startedAtUnixMs + this.now;
  }

  after(ms: number, action: () => void): () => void {
    const timer = { at: this.now + ms, action };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.sleeps.push(ms);
    signal.throwIfAborted();
    this.advance(ms);
    signal.throwIfAborted();
  }

  /** Lets time pass; what is due happens at its time. */
  advance(ms: number): void {
    const until = this.now + ms;
    for (let next = this.nextUntil(until); next !== undefined; next = this.nextUntil(until)) {
      this.timers.delete(next);
      this.now = next.at;
      next.action();
    }
    this.now = until;
  }

  private nextUntil(until: number): Timer | undefined {
    const [first] = [...this.timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
    return first;
  }
}
