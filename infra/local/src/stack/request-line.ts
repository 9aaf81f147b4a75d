import { isRecord } from './is-record.ts';

/** The record that the Worker logs for each request, as far as the line needs it. */
export interface RequestRecord {
  readonly path: string;
  readonly status: number;
  readonly layer: string | null;
  readonly edge: string | null;
  readonly ms: number | null;
  /** US dollars that a cache's answer saved. */
  readonly savedUsd: number;
}

/** Reads a log line of the Worker; undefined when it is something else. */
export function readRequestRecord(line: string): RequestRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isRecord(record) || record['v'] !== 1 || record['kind'] !== 'isartor.request') return undefined;
  const { path, status, layer, edge, ms, savedUsd } = record;
  return {
    path: typeof path === 'string' ? path : '?',
    status: typeof status === 'number' ? status : 0,
    layer: typeof layer === 'string' ? layer : null,
    edge: typeof edge === 'string' ? edge : null,
    ms: typeof ms === 'number' ? ms : null,
    savedUsd: typeof savedUsd === 'number' && savedUsd > 0 ? savedUsd : 0,
  };
}

/** `/v1/chat/completions  200  l1a  edge hit  2 ms  $0.000123 not spent`, in columns. */
export function formatRequest(record: RequestRecord): string {
  const ms = record.ms === null ? '-' : record.ms < 10 ? record.ms.toFixed(1) : String(Math.round(record.ms));
  return [
    printable(record.path).padEnd(22),
    String(record.status).padStart(3),
    (record.layer ?? '-').padEnd(3),
    `edge ${record.edge ?? '-'}`.padEnd(11),
    `${ms.padStart(6)} ms`,
    `${dollars(record.savedUsd)} not spent`,
  ].join('  ');
}

/** `$0`, or six decimal places. */
function dollars(usd: number): string {
  return usd === 0 ? '$0' : `$${usd.toFixed(6)}`;
}

/** A path comes from the caller: nothing in it may move the cursor of a terminal. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
}
