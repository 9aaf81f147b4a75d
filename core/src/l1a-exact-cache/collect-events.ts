import { MAX_STORED_BYTES, type SseFrame } from '@isartor/shared';

/**
 * Passes a stream on untouched while keeping a copy, and hands the copy over once the stream has ended by itself.
 * A stream that breaks, is left, grows past the bound or holds an event in pieces is passed on and never handed over.
 */
export async function* collectEvents(
  events: AsyncIterable<readonly SseFrame[]>,
  onComplete: (stream: Uint8Array) => void,
): AsyncGenerator<readonly SseFrame[], void, undefined> {
  let kept: Uint8Array[] | undefined = [];
  let size = 0;
  for await (const frames of events) {
    for (const frame of frames) {
      size += frame.bytes.byteLength;
      if (!frame.whole || size > MAX_STORED_BYTES) kept = undefined;
      kept?.push(frame.bytes);
    }
    yield frames;
  }
  if (kept !== undefined) onComplete(Buffer.concat(kept, size));
}
