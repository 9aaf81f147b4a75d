import type { Environment } from './environment.ts';
import { Fault } from './fault.ts';

/** The stand-in's port where it is free. Kept the same from start to start: the provider's URL is part of the cache policy. */
const STANDIN_PORT = 8089;

/** Settings of the stand-in model server. */
export interface StandinSettings {
  readonly port: number;
  /** Speed of streams. */
  readonly tokensPerSecond: number;
}

/** @throws Fault */
export function readStandinSettings(env: Environment): StandinSettings {
  return {
    port: readNumber(
      env,
      'ISARTOR_STANDIN_PORT',
      STANDIN_PORT,
      (value) => Number.isInteger(value) && value >= 0 && value <= 65_535,
    ),
    tokensPerSecond: readNumber(env, 'ISARTOR_STANDIN_TOKENS_PER_S', 50, (value) => value > 0),
  };
}

function readNumber(env: Environment, name: string, fallback: number, fits: (value: number) => boolean): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (Number.isFinite(value) && fits(value)) return value;
  throw new Fault(`${name}=${text} does not fit; leave it unset for ${fallback}`);
}
