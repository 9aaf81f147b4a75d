import { isRecord } from './is-record.ts';

const WARN = 40;
const LEVELS: Readonly<Record<number, string>> = { 40: 'warning', 50: 'error', 60: 'fatal' };

/**
 * What of the core's output to show: of its JSON log only warnings and worse, in short; anything that is not JSON (a
 * fault in the settings, a crash) as it is. Undefined: nothing.
 */
export function formatCoreLine(line: string): string | undefined {
  if (line.trim() === '') return undefined;
  const record = parse(line);
  if (record === undefined) return `core: ${line}`;
  const { level, msg, err } = record;
  if (typeof level !== 'number' || level < WARN) return undefined;
  const text = typeof msg === 'string' ? msg : '';
  const cause =
    isRecord(err) && typeof err['message'] === 'string' && err['message'] !== text ? ` (${err['message']})` : '';
  return `core ${LEVELS[level] ?? `level ${level}`}: ${text}${cause}`;
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
