import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES } from './cases.ts';
import { isAt, mustBe, rowsOf } from './fault-case.ts';
import { observe } from './observe.ts';
import { page, PAGE_FILE } from './page.ts';
import { readPortkeyRecord } from './portkey-record.ts';
import { Seen } from './seen.ts';
import { SITES, warm } from './sites.ts';
import type { Target } from './targets/target.ts';

const seen = new Seen();
const rows = rowsOf(CASES).map((row) => ({ ...row, title: row.fault.title }));

describe.each(SITES)('at the $site', ({ site, start }) => {
  let target: Target;

  beforeAll(async () => {
    target = await start();
    await warm(target);
  });
  afterAll(() => target.stop());

  it.each(rows.filter((row) => isAt(site, row)))('$title, $form, has its one outcome', async (row) => {
    const outcome = await observe(target, row.fault, row.form);
    seen.add(site, row, outcome);
    expect(outcome).toEqual(mustBe(site, row));
  });
});

it('the page says what was seen (npm run faults --workspace=infra)', async () => {
  expect(await readFile(PAGE_FILE, 'utf8')).toBe(page(seen, await readPortkeyRecord()));
});
