import { isRecord } from './is-record.ts';

/**
 * What to tell of an error of wrangler or workerd: the lines of the Worker's own complaint about its settings, else the
 * first line of the innermost cause. workerd's log, in which such a complaint arrives, has the form of JSON lines.
 */
export function edgeFault(error: unknown): string {
  const texts = causes(error).flatMap((text) => text.split('\n').map(unwrapped));
  const thrown = texts.find((text) => text.includes('Uncaught '));
  if (thrown === undefined)
    return `the Worker did not start: ${firstLine(causes(error).at(-1) ?? '') || 'no reason given'}`;
  const complaint = thrown.slice(thrown.indexOf('Uncaught ') + 'Uncaught '.length).replace(/\n\s+at [^]*$/, '');
  const faults = complaint.split('\n').flatMap((line) => /^\s+- (.+)$/.exec(line)?.[1] ?? []);
  return faults.length > 0
    ? faults.join('\n')
    : `the Worker did not start: ${firstLine(complaint).replace(/^(?:\w*Error: )+/, '')}`;
}

/** The messages of an error, of its cause, and so on inwards. */
function causes(error: unknown): readonly string[] {
  const texts: string[] = [];
  for (let inner = error; isRecord(inner) && texts.length < 10; inner = inner['cause']) {
    if (typeof inner['message'] === 'string') texts.push(inner['message']);
  }
  return texts.length > 0 ? texts : [String(error)];
}

function unwrapped(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const record: unknown = JSON.parse(line);
    return isRecord(record) && typeof record['message'] === 'string' ? record['message'] : line;
  } catch {
    return line;
  }
}

function firstLine(text: string): string {
  return (
    text
      .split('\n')
      .find((line) => line.trim() !== '')
      ?.trim() ?? ''
  );
}
