import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

/** Token of the process's log. */
export const Log = Symbol('Log');

/**
 * JSON lines on standard output. Nothing that a client or a provider wrote may be passed to it: no prompt, answer, key
 * or header value.
 */
export function createLog(level: string): Logger {
  // When nobody reads the output any more, its lines are lost and nothing else: the process must still drain and end.
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => undefined);
  const options = { level, base: { service: 'isartor-core' }, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, process.stdout);
}
