import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SETTING_GROUPS, SETTING_ROWS } from './config.schema.ts';
import { editorSchema, referencePage } from './reference.ts';
import { envNames, yamlNames } from './setting.ts';

const committed = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

test('the committed reference is what the table of settings says (else run core/src/config/write-reference.ts)', () => {
  expect(committed('configuration.md')).toBe(referencePage());
});

test('the committed JSON Schema is what the table of settings says (else run core/src/config/write-reference.ts)', () => {
  expect(committed('isartor.schema.json')).toBe(editorSchema());
});

test('the reference names every setting, once in the first column', () => {
  const page = referencePage();
  for (const [, row] of SETTING_ROWS) {
    expect({ name: row.env, rows: page.split(`\n| \`${row.env}\` |`).length - 1 }).toEqual({ name: row.env, rows: 1 });
    for (const name of yamlNames(row)) expect(page).toContain(`\`${name}\``);
  }
  expect(SETTING_GROUPS.flatMap(([, rows]) => Object.keys(rows))).toEqual(SETTING_ROWS.map(([key]) => key));
});

test('an environment name that cannot be told from a YAML name on the page does not exist', () => {
  const page = referencePage();
  for (const [, row] of SETTING_ROWS) {
    const told = new Set([
      row.env,
      ...yamlNames(row).map((name) => `ISARTOR__${name.toUpperCase().replaceAll('.', '__')}`),
    ]);
    expect(envNames(row).filter((name) => !told.has(name) && !page.includes(name))).toEqual([]);
  }
});
