import { LINE_BREAK, type SseEvent } from './sse-event.ts';

const utf8 = new TextDecoder('utf-8');

/**
 * Reads one whole event as the HTML standard's event-stream parser does. `undefined` for a frame without a `data`
 * line: a comment, an extra blank line, a lone `event:` or `retry:` (a client dispatches nothing for these).
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function parseSseFrame(bytes: Uint8Array): SseEvent | undefined {
  const text = utf8.decode(bytes);
  const simple = oneDataLine(text);
  return simple === undefined ? parseLines(text.split(LINE_BREAK)) : { data: simple };
}

/** The common case, `data: …\n\n`, without splitting. */
function oneDataLine(text: string): string | undefined {
  if (!text.startsWith('data: ') || !text.endsWith('\n\n')) return undefined;
  const data = text.slice(6, -2);
  return data.includes('\n') || data.includes('\r') ? undefined : data;
}

function parseLines(lines: readonly string[]): SseEvent | undefined {
  const data: string[] = [];
  let event: string | undefined;
  let id: string | undefined;
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon === 0 || line === '') continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  }
  if (data.length === 0) return undefined;
  return {
    data: data.join('\n'),
    ...(event === undefined || event === '' ? undefined : { event }),
    ...(id === undefined ? undefined : { id }),
  };
}
