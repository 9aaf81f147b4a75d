import { setTimeout as pause } from 'node:timers/promises';
import type { Probe } from './pod.ts';

/** Asks once; true is a success. Never rejects. */
export type Ask = (probe: Probe, timeoutMs: number) => Promise<boolean>;

/** Told when the probe's word changes. */
export type Changed = (succeeds: boolean) => Promise<void>;

/**
 * Asks again and again as the probe says, until the signal, and tells each change of mind: after `successThreshold`
 * successes in a row, or `failureThreshold` failures.
 */
export async function probeLoop(probe: Probe, ask: Ask, changed: Changed, signal: AbortSignal): Promise<void> {
  const wait = (seconds: number): Promise<unknown> =>
    pause(seconds * 1_000, undefined, { signal }).catch(() => undefined);
  await wait(probe.initialDelaySeconds ?? 0);
  let state: boolean | undefined;
  let inARow = 0;
  let last: boolean | undefined;
  while (!signal.aborted) {
    const succeeds = await ask(probe, (probe.timeoutSeconds ?? 1) * 1_000);
    inARow = succeeds === last ? inARow + 1 : 1;
    last = succeeds;
    const needed = succeeds ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (succeeds !== state && inARow >= needed && !signal.aborted) {
      state = succeeds;
      await changed(succeeds);
    }
    await wait(probe.periodSeconds ?? 10);
  }
}
