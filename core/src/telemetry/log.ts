import pino, { type Logger } from 'pino';
import { LineBuffer } from './line-buffer.ts';

export type { Logger } from 'pino';

/** Token of the process's log. */
export const Log = Symbol('Log');

/**
 * JSON lines on standard output. Nothing that a client or a provider wrote may be passed to it: no prompt, answer, key
 * or header value.
 */
export function createLog(level: string): Logger {
  const options = { level, base: { service: 'isartor-core' }, timestamp };
  return pino(options, output());
}

let lastMs = 0;
let lastText = '';

/** The time as pino wants it, in ISO 8601; lines of one millisecond share its text. */
function timestamp(): string {
  const nowMs = Date.now();
  if (nowMs !== lastMs) {
    lastMs = nowMs;
    lastText = `,"time":"${new Date(nowMs).toISOString()}"`;
  }
  return lastText;
}

let shared: LineBuffer | undefined;

/** One for the process: what is held at its end is written then. */
function output(): LineBuffer {
  if (shared !== undefined) return shared;
  const buffer = new LineBuffer(process.stdout);
  process.once('exit', () => buffer.flush());
  shared = buffer;
  return buffer;
}
