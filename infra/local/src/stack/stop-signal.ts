const PARENT_POLL_MS = 500;

/**
 * Resolves when this process is asked to end: Ctrl-C, SIGTERM, a closed terminal, or the death of the process that
 * started it (npm killed outright leaves nobody to ask).
 * @param again called when it is asked once more while it is ending
 */
export function stopSignal(again: () => void): Promise<'stopped'> {
  const parent = process.ppid;
  return new Promise((resolve) => {
    let asked = false;
    const ask = (): void => {
      if (asked) again();
      asked = true;
      resolve('stopped');
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
    process.once('disconnect', () => resolve('stopped'));
    // A terminal that is gone makes writing fail; the answer is to end, not to crash.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => resolve('stopped'));
    setInterval(() => {
      if (process.ppid !== parent) resolve('stopped');
    }, PARENT_POLL_MS).unref();
  });
}
