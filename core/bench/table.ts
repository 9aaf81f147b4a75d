import { figureOf, meetsAim, type Row } from './row.ts';

const HEADINGS = ['', 'against', 'ours', 'theirs', 'ratio', 'CPU µs ours', 'theirs', 'ratio', 'aim'];

/** The rows as a Markdown table, readable as it is. */
export function renderTable(rows: readonly Row[]): string {
  const lines = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(cells[column] ?? '', width, column)).join(' | ')} |\n`;
  const rule = `|${widths.map((width, column) => (column < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|\n`;
  const [head = [], ...body] = lines;
  return line(head) + rule + body.map(line).join('');
}

function cellsOf(row: Row): string[] {
  const { cpu } = row;
  return [
    row.what,
    row.against,
    `${short(row.ours)} ${row.unit}`,
    Number.isNaN(row.theirs) ? '–' : short(row.theirs),
    Number.isNaN(row.ratio) ? '–' : row.ratio.toFixed(2),
    cpu === undefined ? '–' : short(cpu.ours),
    cpu === undefined ? '–' : short(cpu.theirs),
    cpu === undefined ? '–' : cpu.ratio.toFixed(2),
    aimOf(row),
  ];
}

function aimOf(row: Row): string {
  const { aim } = row;
  if (aim === undefined) return '';
  const bound = aim.atMost === undefined ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`;
  const what = { ratio: 'ratio', cpu: 'CPU', ours: row.unit, difference: `${row.unit} more` }[aim.of];
  const verdict = meetsAim(row) === true ? 'met' : 'MISSED';
  return `${what} ${bound}: ${verdict}${aim.of === 'difference' ? ` (${short(figureOf(row, 'difference'))})` : ''}`;
}

/** Three digits that count. */
function short(value: number): string {
  if (Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toString();
  return value.toFixed(size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

function pad(text: string, width: number, column: number): string {
  return column < 2 || column === HEADINGS.length - 1 ? text.padEnd(width) : text.padStart(width);
}
