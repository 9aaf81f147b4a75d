import { encodeSseEvent, GatewayError, isJsonObject, parseJson, type JsonObject } from '@isartor/shared';
import type { EventStreamCodec } from '@smithy/eventstream-codec';

/** Longer messages are none of Bedrock's, each of which carries one event, in bytes. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** A message begins with its length, and is never shorter than its two lengths and its two checksums. */
const LENGTH_BYTES = 4;
const MIN_MESSAGE_BYTES = 16;

const DONE = { done: true, value: undefined } as const;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Whole messages in AWS's framing (https://smithy.io/2.0/aws/amazon-eventstream.html), out of bytes as they arrive. */
class MessageFramer {
  private rest = new Uint8Array(0);

  get pending(): number {
    return this.rest.length;
  }

  /** Throws a GatewayError behind the last message where what follows is none. */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const length = new DataView(bytes.buffer, bytes.byteOffset + at, LENGTH_BYTES).getUint32(0);
      if (length < MIN_MESSAGE_BYTES || length > MAX_MESSAGE_BYTES) throw notAStream();
      if (bytes.length - at < length) break;
      yield bytes.subarray(at, at + length);
      at += length;
    }
    this.rest = bytes.slice(at);
  }
}

/**
 * A streamed answer of Bedrock's as the stream of Anthropic's that it carries. Reading throws a GatewayError when Bedrock
 * says that it cannot go on, when it ends in the middle of a message, or sends what is none.
 */
export function anthropicStream(body: AsyncIterable<Uint8Array>, codec: EventStreamCodec): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => new AnthropicEvents(body[Symbol.asyncIterator](), codec) };
}

class AnthropicEvents implements AsyncIterator<Uint8Array, void> {
  private readonly framer = new MessageFramer();
  private fault: unknown;

  constructor(
    private readonly chunks: AsyncIterator<Uint8Array>,
    private readonly codec: EventStreamCodec,
  ) {}

  async next(): Promise<IteratorResult<Uint8Array, void>> {
    while (this.fault === undefined) {
      const next = await this.chunks.next();
      if (next.done === true) return this.ended();
      const events = this.eventsIn(next.value);
      if (events !== '') return { done: false, value: utf8.encode(events) };
    }
    await this.chunks.return?.();
    throw this.fault;
  }

  async return(): Promise<IteratorResult<Uint8Array, void>> {
    await this.chunks.return?.();
    return DONE;
  }

  private ended(): IteratorReturnResult<void> {
    if (this.framer.pending > 0)
      throw new GatewayError('stream_interrupted', 'The provider ended its stream in the middle of an event.');
    return DONE;
  }

  /** What came before a fault is passed on before it is told. */
  private eventsIn(chunk: Uint8Array): string {
    let events = '';
    try {
      for (const message of this.framer.push(chunk)) events += eventOf(this.codec, message);
    } catch (error) {
      this.fault = error;
    }
    return events;
  }
}

function eventOf(codec: EventStreamCodec, bytes: Uint8Array): string {
  const { headers, body } = decoded(codec, bytes);
  const kind = headers[':message-type']?.value;
  if (kind !== 'event')
    throw faultOf(String(headers[':exception-type']?.value ?? headers[':error-code']?.value ?? kind));
  // What is no piece of the answer is not told.
  if (headers[':event-type']?.value !== 'chunk') return '';
  const encoded = objectIn(text.decode(body))['bytes'];
  if (typeof encoded !== 'string') throw notAStream();
  const data = Buffer.from(encoded, 'base64').toString('utf8');
  const type = objectIn(data)['type'];
  return encodeSseEvent({ ...(typeof type === 'string' ? { event: type } : {}), data });
}

function decoded(codec: EventStreamCodec, bytes: Uint8Array): ReturnType<EventStreamCodec['decode']> {
  try {
    return codec.decode(bytes);
  } catch {
    throw notAStream();
  }
}

function objectIn(json: string): JsonObject {
  try {
    const value = parseJson(json);
    if (isJsonObject(value)) return value;
  } catch {
    // Told below.
  }
  throw notAStream();
}

/** Of an exception its name alone is told: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html */
function faultOf(exception: string): GatewayError {
  const name = /^[A-Za-z]{1,64}$/.test(exception) ? exception : 'an exception without a name';
  const code = name === 'modelTimeoutException' ? 'upstream_timeout' : 'upstream_error';
  return new GatewayError(code, `Bedrock broke its answer off: ${name}.`);
}

function notAStream(): GatewayError {
  return new GatewayError('upstream_error', 'The provider sent something that is not an event stream.');
}
