import { setTimeout as wait } from 'node:timers/promises';

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

/** The machine's own time. */
export const REAL_TIME: Time = {
  nowMs: () => performance.now(),
  unixMs: () => Date.now(),
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};
