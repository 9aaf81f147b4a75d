import { encodeSseEvent, type SseEvent } from '@isartor/shared';

/** How the events of a stream stand in its body. */
export interface Framing {
  readonly contentType: string;
  write(event: SseEvent): string;
  /** What ends a body. */
  end(): string;
}

/** As every client but one asks for it. */
export function asServerSentEvents(): Framing {
  return { contentType: 'text/event-stream', write: encodeSseEvent, end: () => '' };
}

/** Gemini's stream without `alt=sse`: one JSON list of what the events would hold. */
export function asJsonList(): Framing {
  let before = '[';
  return {
    contentType: 'application/json',
    write: ({ data }) => {
      const text = `${before}${data}`;
      before = ',\r\n';
      return text;
    },
    end: () => (before === '[' ? '[]' : ']'),
  };
}
