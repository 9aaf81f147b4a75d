import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 50;

/** Asks a URL until it answers 200; gives up when the signal says so. */
export async function waitUntilReady(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      const answer = await fetch(url, { signal });
      await answer.body?.cancel();
      if (answer.status === 200) return;
    } catch {
      // Not listening yet; or the signal, which the next line passes on.
    }
    await pause(POLL_MS, undefined, { signal });
  }
}
