import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the loop is probed. */
const RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;

/** How late the event loop was since it was last asked, in seconds. */
export interface LoopDelay {
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

/** Watches how late timers fire: what a request waits when something keeps the process busy. */
export class EventLoopDelay {
  private readonly histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.histogram.enable();
  }

  stop(): void {
    this.histogram.disable();
  }

  /** The delays since the last call. */
  take(): LoopDelay {
    const { histogram } = this;
    const delay = {
      median: seconds(histogram.percentile(50)),
      p99: seconds(histogram.percentile(99)),
      max: seconds(histogram.max),
    };
    histogram.reset();
    return delay;
  }
}

/** Node records the time between two probes: what exceeds the resolution is the delay. Before the first one it is 0. */
function seconds(nanoseconds: number): number {
  return Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1_000);
}
