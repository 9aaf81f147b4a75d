import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../../local/src/stack/paths.ts';
import { CASES } from './cases.ts';
import { rowsOf } from './fault-case.ts';
import { FORMS, type Form, type Outcome } from './outcome.ts';
import type { Seen } from './seen.ts';
import { PORTKEY_VERSION } from './targets/portkey.ts';

const FILE = join(ROOT, 'infra', 'docs', 'faults-portkey.json');

/** What Portkey did when it was last looked at; kept, so that the page is the same where it is not installed. */
export interface PortkeyRecord {
  readonly version: string;
  /** ISO date. */
  readonly date: string;
  readonly outcomes: Readonly<Record<string, Partial<Record<Form, Outcome>>>>;
}

/** The committed record. */
export async function readPortkeyRecord(): Promise<PortkeyRecord> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only writePortkeyRecord writes this file
  return JSON.parse(await readFile(FILE, 'utf8')) as PortkeyRecord;
}

/** Writes what has just been seen of Portkey. */
export async function writePortkeyRecord(seen: Seen): Promise<void> {
  const rows = rowsOf(CASES);
  const outcomes = CASES.map(({ title }) => {
    const forms = FORMS.flatMap((form) => {
      const row = rows.find((one) => one.form === form && one.fault.title === title);
      const outcome = row && seen.get('portkey', row);
      return outcome === undefined ? [] : [[form, outcome] as const];
    });
    return [title, Object.fromEntries(forms)] as const;
  }).filter(([, forms]) => Object.keys(forms).length > 0);
  const record: PortkeyRecord = {
    version: PORTKEY_VERSION,
    date: new Date().toISOString().slice(0, 10),
    outcomes: Object.fromEntries(outcomes),
  };
  await writeFile(FILE, `${JSON.stringify(record, undefined, 2)}\n`);
}
