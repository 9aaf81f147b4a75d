import { GatewayError, SseFramer, type SseFrame } from '@isartor/shared';
import type { AnswerBody } from '../pipeline/answer.ts';
import type { CallClock } from './clocks.ts';
import type { ProviderReply } from './provider.port.ts';

/** A plain body up to this many bytes is held whole (and may be stored); a longer one is passed on as it arrives. */
const MAX_HELD_BYTES = 1024 * 1024;

/** Does a reply carry server-sent events? */
export function isEventStream(reply: ProviderReply): boolean {
  const contentType = reply.headers['content-type'];
  return typeof contentType === 'string' && contentType.toLowerCase().startsWith('text/event-stream');
}

/** A plain body: whole, or in parts when it is long. */
export async function readPlainBody(reply: ProviderReply, clock: CallClock): Promise<AnswerBody> {
  const body = reply.body[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let size = 0;
  try {
    while (size <= MAX_HELD_BYTES) {
      const next: IteratorResult<Uint8Array, unknown> = await body.next();
      if (next.done === true) {
        clock.stop();
        return {
          kind: 'bytes',
          bytes: held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held, size),
        };
      }
      held.push(next.value);
      size += next.value.byteLength;
    }
  } catch (error) {
    clock.stop();
    throw error;
  }
  return { kind: 'parts', parts: restOf(held, body, clock) };
}

async function* restOf(
  held: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  clock: CallClock,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* held;
    yield* { [Symbol.asyncIterator]: () => rest };
  } finally {
    clock.stop();
  }
}

/** A stream by whole events, each batch as soon as its last blank line is in. Throws when it breaks off inside an event. */
export async function* readEvents(
  reply: ProviderReply,
  clock: CallClock,
): AsyncGenerator<readonly SseFrame[], void, undefined> {
  const framer = new SseFramer();
  try {
    for await (const chunk of reply.body) {
      const frames = framer.push(chunk);
      if (frames.length > 0) yield frames;
    }
    if (framer.pending > 0) {
      throw new GatewayError('stream_interrupted', 'The provider ended its stream in the middle of an event.');
    }
  } finally {
    clock.stop();
  }
}
