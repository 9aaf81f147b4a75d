import { parseArgs } from 'node:util';
import { Fault } from '../local/src/stack/fault.ts';

/** How the soak is run. */
export interface SoakOptions {
  readonly seconds: number;
  /** The core alone, without the Worker. */
  readonly coreOnly: boolean;
  /** Clients that ask one request after another. */
  readonly clients: number;
}

const DEFAULT_MINUTES = 20;
const DEFAULT_CLIENTS = 12;
/** Less leaves too few samples to say anything. */
const LEAST_SECONDS = 20;

/** Reads the command line. @throws Fault */
export function soakOptions(args: readonly string[]): SoakOptions {
  const { values } = parse(args);
  const seconds =
    values.seconds === undefined
      ? number('minutes', values.minutes, DEFAULT_MINUTES) * 60
      : number('seconds', values.seconds, 0);
  if (seconds < LEAST_SECONDS) throw new Fault(`a soak takes at least ${LEAST_SECONDS} s`);
  return {
    seconds,
    coreOnly: values['core-only'] === true,
    clients: number('clients', values.clients, DEFAULT_CLIENTS),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string' },
        seconds: { type: 'string' },
        clients: { type: 'string' },
        'core-only': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Fault(error instanceof Error ? error.message : String(error));
  }
}

function number(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new Fault(`--${name} must be a number above 0`);
}
