import { readFileSync } from 'node:fs';

const PARENT_POLL_MS = 500;

/**
 * Resolves when this process is asked to end: Ctrl-C, SIGTERM, a closed terminal, or the death of what started it (npm
 * killed outright leaves nobody to ask).
 * @param again called when it is asked once more while it is ending
 */
export function stopSignal(again: () => void): Promise<'stopped'> {
  const parents = ancestors();
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
      if (ancestors() !== parents) resolve('stopped');
    }, PARENT_POLL_MS).unref();
  });
}

/** The parent's process id, and behind the shell that npm puts between itself and a script, npm's too. */
function ancestors(): string {
  const parent = process.ppid;
  if (process.env['npm_lifecycle_event'] === undefined || process.platform !== 'linux') return String(parent);
  try {
    // pid (name) state ppid …; the name may hold anything, so that the last parenthesis counts.
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8');
    return `${parent} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`;
  } catch {
    return String(parent);
  }
}
