import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from './fault.ts';

const FORM = /^isk-dev-[0-9a-f]{32}$/;

/** Where the key of the local stack is kept. */
export function devKeyFile(stateDir: string): string {
  return join(stateDir, 'dev-key');
}

/**
 * The gateway key of the local stack: made at the first call, then kept, so that a pasted SDK configuration goes on
 * working. The file is readable by its owner alone.
 * @throws Fault when the file holds something else
 */
export function devKey(stateDir: string): string {
  const file = devKeyFile(stateDir);
  mkdirSync(stateDir, { recursive: true });
  const made = `isk-dev-${randomBytes(16).toString('hex')}`;
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    // A link is made whole or not at all, and never over a key that is there: two first starts at once agree.
    writeFileSync(draft, `${made}\n`, { mode: 0o600, flag: 'wx' });
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const kept = readFileSync(file, 'utf8').trim();
  if (!FORM.test(kept)) throw new Fault(`${file} holds no key of the form isk-dev-…; delete it and a new one is made`);
  chmodSync(file, 0o600);
  return kept;
}
