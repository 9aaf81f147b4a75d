import { setTimeout as wait } from 'node:timers/promises';
import { unwatch, watch } from '../watch.ts';

/** Time as calls to other servers see it; a test brings its own. */
export interface Time {
  /** Milliseconds on a clock that only ever goes forward. */
  nowMs(): number;
  /** Unix time in milliseconds, for dates that others wrote. */
  unixMs(): number;
  /** Runs `action` after `ms`; what comes back calls it off. */
  after(ms: number, action: () => void): () => void;
  /** Resolves after `ms`; rejects with the signal's reason as soon as that is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A tenth of a second more or less is nothing to a longer wait, which hardly ever comes to its end. */
const COARSE_FROM_MS = 5_000;

function afterExactly(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, ms);
  return () => clearTimeout(timer);
}

function afterRoughly(ms: number, action: () => void): () => void {
  const dueAt = performance.now() + ms;
  const clock = {
    check: (nowMs: number): void => {
      if (nowMs < dueAt) return;
      unwatch(clock);
      action();
    },
  };
  watch(clock);
  return () => unwatch(clock);
}

/** The machine's own time. */
export const REAL_TIME: Time = {
  nowMs: () => performance.now(),
  unixMs: () => Date.now(),
  after: (ms, action) => (ms < COARSE_FROM_MS ? afterExactly : afterRoughly)(ms, action),
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};
