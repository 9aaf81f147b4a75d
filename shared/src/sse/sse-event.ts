/** One server-sent event: what a client's parser dispatches. */
export interface SseEvent {
  /** The event's type; absent means `message`. */
  readonly event?: string;
  readonly data: string;
  readonly id?: string;
}

/** The data of the event that ends an OpenAI stream. */
export const SSE_DONE = '[DONE]';

/** A comment that keeps idle connections open; clients ignore it. Written only between whole events. */
export const SSE_KEEP_ALIVE = ': keep-alive\n\n';

/** The event as text, ended by its blank line. Line breaks in the data become lines of their own. */
export function encodeSseEvent(event: SseEvent): string {
  let text = event.event === undefined ? '' : `event: ${event.event}\n`;
  if (event.id !== undefined) text += `id: ${event.id}\n`;
  if (!LINE_BREAK.test(event.data)) return `${text}data: ${event.data}\n\n`;
  for (const line of event.data.split(LINE_BREAK)) text += `data: ${line}\n`;
  return `${text}\n`;
}

export const LINE_BREAK = /\r\n|\r|\n/;
