import { parseSseFrame, SseFramer, type SseEvent } from '@isartor/shared';

/** The events of a whole stream. */
export function eventsIn(text: string): SseEvent[] {
  return new SseFramer()
    .push(new TextEncoder().encode(text))
    .map((frame) => parseSseFrame(frame.bytes))
    .filter((event) => event !== undefined);
}
