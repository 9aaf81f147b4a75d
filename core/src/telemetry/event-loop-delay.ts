import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the loop is probed. */
const RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;
/** What is told is of the last 15 to 30 seconds, however many ask and how often. */
const WINDOW_MS = 15_000;

/** How late the event loop was of late, in seconds. */
export interface LoopDelay {
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

/** Watches how late timers fire: what a request waits when something keeps the process busy. */
export class EventLoopDelay {
  private readonly histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private previous: LoopDelay = { median: 0, p99: 0, max: 0 };
  private turn: NodeJS.Timeout | undefined;

  start(): void {
    this.histogram.enable();
    this.turn = setInterval(() => this.nextWindow(), WINDOW_MS);
    this.turn.unref();
  }

  stop(): void {
    clearInterval(this.turn);
    this.histogram.disable();
  }

  /** The worse of this window and the one before. */
  read(): LoopDelay {
    const [now, before] = [this.ofThisWindow(), this.previous];
    return {
      median: Math.max(now.median, before.median),
      p99: Math.max(now.p99, before.p99),
      max: Math.max(now.max, before.max),
    };
  }

  private nextWindow(): void {
    this.previous = this.ofThisWindow();
    this.histogram.reset();
  }

  private ofThisWindow(): LoopDelay {
    const { histogram } = this;
    return {
      median: seconds(histogram.percentile(50)),
      p99: seconds(histogram.percentile(99)),
      max: seconds(histogram.max),
    };
  }
}

/** Node records the time between two probes: what exceeds the resolution is the delay. Before the first one it is 0. */
function seconds(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1_000);
}
