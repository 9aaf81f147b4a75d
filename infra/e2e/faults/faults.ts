// Plays every fault and writes the page; with --portkey, Portkey's part of it too.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { CASES } from './cases.ts';
import { isAt, mustBe, rowsOf, type Row, type Site } from './fault-case.ts';
import { observe } from './observe.ts';
import { inWords } from './outcome.ts';
import { page, PAGE_FILE } from './page.ts';
import { readPortkeyRecord, writePortkeyRecord } from './portkey-record.ts';
import { Seen } from './seen.ts';
import { SITES, warm } from './sites.ts';
import { startPortkey } from './targets/portkey.ts';
import type { Target } from './targets/target.ts';

const { values } = parseArgs({ options: { portkey: { type: 'boolean', default: false } } });
const rows = rowsOf(CASES);
const seen = new Seen();

for (const { site, start } of SITES) {
  const target = await start();
  try {
    await warm(target);
    for (const row of rows) if (isAt(site, row)) await look(site, target, row);
  } finally {
    await target.stop();
  }
}
if (values.portkey) {
  for (const row of rows) {
    if (row.fault.edgeOnly === true || row.fault.surface !== undefined) continue;
    // One process a row: what some faults leave behind in it would be taken for the next one's outcome.
    const target = await startPortkey();
    try {
      await warm(target);
      await look('portkey', target, row);
    } finally {
      await target.stop();
    }
  }
  await writePortkeyRecord(seen);
}
await writeFile(PAGE_FILE, page(seen, await readPortkeyRecord()));

async function look(who: Site | 'portkey', target: Target, row: Row): Promise<void> {
  const outcome = await observe(target, row.fault, row.form);
  seen.add(who, row, outcome);
  const words = inWords(outcome);
  const must = who === 'portkey' ? outcome : mustBe(who, row);
  const wrong = must !== undefined && inWords(must) !== words;
  if (wrong) process.exitCode = 1;
  // oxlint-disable-next-line no-console -- a command's output
  console.log(`${wrong ? 'WRONG ' : ''}${who} | ${row.fault.title} | ${row.form} | ${words}`);
}
