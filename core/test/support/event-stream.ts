import { EventStreamCodec } from '@smithy/eventstream-codec';
import type { JsonObject } from '@isartor/shared';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

function message(headers: Readonly<Record<string, string>>, body: JsonObject): Uint8Array {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]);
  return codec.encode({ headers: Object.fromEntries(typed), body: Buffer.from(JSON.stringify(body)) });
}

/** A piece of a streamed answer, as Bedrock frames it. */
export function bedrockChunk(event: JsonObject): Uint8Array {
  const bytes = Buffer.from(JSON.stringify(event)).toString('base64');
  return message({ ':message-type': 'event', ':event-type': 'chunk' }, { bytes, p: 'abcdef' });
}

/** What Bedrock says in a stream that it cannot go on with. */
export function bedrockException(type: string, text: string): Uint8Array {
  return message({ ':message-type': 'exception', ':exception-type': type }, { message: text });
}
