import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figureOf, type Row } from './row.ts';

const FILE = join(import.meta.dirname, 'reference.json');
/** How much worse a figure may be than the committed one, which is the worst of a day's runs on a machine busy and quiet. */
const TOLERANCE = 1.25;

type Reference = Readonly<Record<string, number>>;

/** The rows that are held against the committed figures, by id; the others are too noisy or somebody else's. */
function checkedFigures(rows: readonly Row[]): Map<string, { readonly row: Row; readonly figure: number }> {
  return new Map(
    rows.flatMap((row) =>
      row.checked === undefined ? [] : [[row.id, { row, figure: figureOf(row, row.checked) }] as const],
    ),
  );
}

/** A line for each figure that is more than 25 % worse than the committed one, by the row's id. */
export function losses(rows: readonly Row[]): Map<string, string> {
  const reference = readReference();
  const lost = new Map<string, string>();
  for (const [id, { row, figure }] of checkedFigures(rows)) {
    const committed = reference[id];
    if (committed === undefined) continue;
    // A CPU ratio is better when it is less, whatever the row's own figure is.
    const worse = row.better === 'less' || row.checked === 'cpu' ? figure / committed : committed / figure;
    if (worse > TOLERANCE) lost.set(id, `${id}: ${figure.toFixed(2)}, committed ${committed.toFixed(2)}`);
  }
  return lost;
}

/** Makes these rows' figures the committed ones; rows that were not measured keep theirs. */
export function updateReference(rows: readonly Row[]): void {
  const measured = [...checkedFigures(rows)].map(([id, { figure }]) => [id, Math.round(figure * 1000) / 1000] as const);
  const next = { ...readReference(), ...Object.fromEntries(measured) };
  writeFileSync(FILE, `${JSON.stringify(next, undefined, 2)}\n`);
}

function readReference(): Reference {
  const read: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
  if (typeof read !== 'object' || read === null) return {};
  return Object.fromEntries(
    Object.entries(read).filter((pair): pair is [string, number] => typeof pair[1] === 'number'),
  );
}
