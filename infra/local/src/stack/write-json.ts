import { writeFileSync } from 'node:fs';
import { reason } from './environment.ts';
import { Fault } from './fault.ts';

/** Writes a value as JSON to be read. @throws Fault where the file cannot be written */
export function writeJson(file: string, value: object): void {
  try {
    writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
  } catch (error) {
    throw new Fault(`${file} cannot be written: ${reason(error)}`);
  }
}
