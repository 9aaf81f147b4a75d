import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INFRA } from './render.ts';

/** A row of the table in which `infra/README.md` says where the manifests differ from the guide, and why. */
export interface Difference {
  readonly object: string;
  /** The end of the path of the value. */
  readonly where: string;
  readonly guide: string;
  /** What stands there instead; undefined for nothing. */
  readonly here: string | undefined;
  readonly why: string;
}

const HEADING = '### In the manifests';

/** The rows of the table, whose cells are code but for the last one. */
export function readDifferences(): readonly Difference[] {
  const text = readFileSync(join(INFRA, 'README.md'), 'utf8');
  const section = text.split(HEADING)[1]?.split(/^#/m)[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) => {
    const [object = '', where = '', guide = '', here = '', why = ''] = row
      .slice(1)
      .split('|')
      .map((cell) => cell.trim().replace(/^`(.*)`$/, '$1'));
    return { object, where, guide, here: here === 'nothing' ? undefined : here, why };
  });
}
