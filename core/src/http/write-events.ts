import {
  encodeSseEvent,
  errorEvent,
  isUsageOnlyChunk,
  parseSseFrame,
  SSE_KEEP_ALIVE,
  type Dialect,
  type SseFrame,
} from '@isartor/shared';
import type { ServerResponse } from 'node:http';
import { asGatewayError } from './as-gateway-error.ts';
import { drained, endWithin } from './drained.ts';

/** Silence after which a stream gets a comment line, so that nothing on the way takes it for dead. */
const KEEP_ALIVE_MS = 15_000;
/** A chunk without choices: the only kind that can be the usage chunk, and rare enough to be parsed. */
const NO_CHOICES = /"choices"\s*:\s*\[\s*\]/;

/** What became of a stream. */
export type StreamOutcome =
  { readonly outcome: 'complete' | 'left' } | { readonly outcome: 'broken'; readonly error: unknown };

/**
 * Writes a stream at the client's pace: the next batch is asked for only when the last one fits into the socket's
 * buffer. A stream that breaks ends with the dialect's error event; leaving it ends the source.
 */
export async function writeEvents(
  response: ServerResponse,
  events: AsyncIterable<readonly SseFrame[]>,
  options: { readonly dialect: Dialect; readonly hidesUsage: boolean; readonly stallMs: number },
): Promise<StreamOutcome> {
  let betweenEvents = true;
  const keepAlive = setInterval(() => {
    if (betweenEvents && !response.writableNeedDrain) response.write(SSE_KEEP_ALIVE);
  }, KEEP_ALIVE_MS);
  try {
    for await (const frames of events) {
      if (response.destroyed) return { outcome: 'left' };
      keepAlive.refresh();
      writeFrames(response, options.hidesUsage ? frames.filter((frame) => !isUsage(frame)) : frames);
      const last = frames.at(-1);
      betweenEvents = last === undefined || last.whole || last.ends === true;
      if (response.writableNeedDrain && !(await drained(response, options.stallMs))) return { outcome: 'left' };
    }
    endWithin(response, options.stallMs);
    return { outcome: 'complete' };
  } catch (error) {
    if (response.destroyed) return { outcome: 'left' };
    // Inside an event that went out in pieces nothing can be said any more: only a broken connection tells.
    if (betweenEvents)
      endWithin(response, options.stallMs, encodeSseEvent(errorEvent(options.dialect, asGatewayError(error))));
    else response.destroy();
    return { outcome: 'broken', error };
  } finally {
    clearInterval(keepAlive);
  }
}

/** One write for all: Node never reports the drain of what was written between cork and uncork. */
function writeFrames(response: ServerResponse, frames: readonly SseFrame[]): void {
  const [first] = frames;
  if (first === undefined) return;
  response.write(frames.length === 1 ? first.bytes : Buffer.concat(frames.map((frame) => frame.bytes)));
}

function isUsage(frame: SseFrame): boolean {
  if (!frame.whole) return false;
  const { buffer, byteOffset, byteLength } = frame.bytes;
  if (!NO_CHOICES.test(Buffer.from(buffer, byteOffset, byteLength).toString('latin1'))) return false;
  const event = parseSseFrame(frame.bytes);
  return event !== undefined && isUsageOnlyChunk(event.data);
}
