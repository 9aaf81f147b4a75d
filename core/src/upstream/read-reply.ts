import { GatewayError, parseSseFrame, SseFramer, type SseFrame } from '@isartor/shared';
import type { AnswerBody } from '../pipeline/answer.ts';
import type { ReplyClock } from './clocks.ts';
import type { UpstreamReply } from './upstream.port.ts';

/** A plain body up to this many bytes is held whole (and may be stored); a longer one is passed on as it arrives. */
const MAX_HELD_BYTES = 1024 * 1024;
/** A stream that has sent so many bytes of comments is taken to have begun. */
const MAX_COMMENT_BYTES = 64 * 1024;

/** Does a reply carry server-sent events? */
export function isEventStream(reply: UpstreamReply): boolean {
  const contentType = reply.headers['content-type'];
  return typeof contentType === 'string' && contentType.toLowerCase().startsWith('text/event-stream');
}

/** A plain body: whole, or in parts when it is long. Throws a GatewayError when it breaks off before that is known. */
export async function readPlainBody(reply: UpstreamReply, clock: ReplyClock): Promise<AnswerBody> {
  const chunks = new ClockedChunks(reply.body, clock);
  const held: Uint8Array[] = [];
  let size = 0;
  while (size <= MAX_HELD_BYTES) {
    const next = await chunks.next();
    if (next.done === true) {
      const [only] = held;
      return { kind: 'bytes', bytes: held.length === 1 && only !== undefined ? only : Buffer.concat(held, size) };
    }
    held.push(next.value);
    size += next.value.byteLength;
  }
  return { kind: 'parts', parts: resumed(held, chunks) };
}

/** A stream whose first event is in. */
export interface BegunStream {
  /** What came until then, comments before the event and others behind it included. */
  readonly head: readonly SseFrame[];
  /** The stream from its head on. */
  readonly events: AsyncIterable<readonly SseFrame[]>;
  /** Gives the rest up. */
  abandon(): Promise<void>;
}

/**
 * Waits for a stream's first event, until when nothing of it is passed on. Throws a GatewayError when the stream breaks
 * or ends before.
 */
export async function beginStream(reply: UpstreamReply, clock: ReplyClock): Promise<BegunStream> {
  const batches = readEvents(reply, clock);
  const head: SseFrame[] = [];
  let size = 0;
  for (;;) {
    const next = await batches.next();
    if (next.done === true) {
      throw new GatewayError('upstream_error', 'The provider ended its stream before it had sent an event.');
    }
    head.push(...next.value);
    for (const frame of next.value) size += frame.bytes.byteLength;
    if (size > MAX_COMMENT_BYTES || next.value.some(isEvent)) break;
  }
  clock.firstByteIn();
  return { head, events: resumed([head], batches), abandon: async () => void (await batches.return()) };
}

function isEvent(frame: SseFrame): boolean {
  return !frame.whole || parseSseFrame(frame.bytes) !== undefined;
}

/** The chunks of a body, which keep its clock. */
class ClockedChunks implements AsyncIterator<Uint8Array, void, undefined> {
  private readonly source: AsyncIterator<Uint8Array>;

  constructor(
    body: AsyncIterable<Uint8Array>,
    private readonly clock: ReplyClock,
  ) {
    this.source = body[Symbol.asyncIterator]();
  }

  async next(): Promise<IteratorResult<Uint8Array, void>> {
    try {
      const next = await this.source.next();
      if (next.done === true) return this.end();
      this.clock.firstByteIn();
      return next;
    } catch (error) {
      this.clock.stop();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, void>> {
    const ended = this.end();
    await this.source.return?.();
    return ended;
  }

  private end(): IteratorReturnResult<void> {
    this.clock.stop();
    return { done: true, value: undefined };
  }
}

/** A stream by whole events, each batch as soon as its last blank line is in. Throws when it breaks off inside an event. */
async function* readEvents(
  reply: UpstreamReply,
  clock: ReplyClock,
): AsyncGenerator<readonly SseFrame[], void, undefined> {
  const framer = new SseFramer();
  let begun = false;
  try {
    for await (const chunk of reply.body) {
      const frames = framer.push(chunk);
      if (frames.length === 0) continue;
      begun = true;
      yield frames;
    }
    if (framer.pending > 0) {
      throw new GatewayError('stream_interrupted', 'The provider ended its stream in the middle of an event.');
    }
  } catch (error) {
    throw begun ? interrupted(error) : error;
  } finally {
    clock.stop();
  }
}

/** A connection that breaks under a stream that has begun was not unreachable. */
function interrupted(error: unknown): unknown {
  if (!(error instanceof GatewayError) || error.code !== 'upstream_unreachable') return error;
  return new GatewayError('stream_interrupted', 'The provider broke its stream off.', { cause: error });
}

/** What can be read on, and given up. */
export interface Rest<Item> {
  next(): Promise<IteratorResult<Item, void>>;
  return(): Promise<IteratorResult<Item, void>>;
}

/**
 * What has been read, and then the rest. Not a generator: one that is left before its first step would not end the
 * rest, and the provider would go on.
 */
export function resumed<Item>(read: readonly Item[], rest: Rest<Item>): AsyncIterable<Item> {
  const held = read.values();
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const item = held.next();
        return item.done === true ? rest.next() : item;
      },
      return: () => rest.return(),
    }),
  };
}
