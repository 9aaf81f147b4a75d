import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

/** Token of the process's log. */
export const Log = Symbol('Log');

/**
 * JSON lines on standard output. Nothing that a client or a provider wrote may be passed to it: no prompt, answer, key
 * or header value.
 */
export function createLog(level: string): Logger {
  return pino({ level, base: { service: 'isartor-core' }, timestamp: pino.stdTimeFunctions.isoTime });
}
