/** The most that the Worker reads of a body: an isolate has 128 MB for all its requests. */
const READ_LIMIT = 1024 * 1024;

/** A request's body: read whole, or too long for that and passed on as it arrives. */
export type CallerBody =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'long'; readonly stream: ReadableStream<Uint8Array> };

/**
 * Reads a body of at most 1 MiB. One that is longer, by its `content-length` or by what arrived, comes back as a stream:
 * what was read already, then the rest.
 */
export async function readBody(request: Request): Promise<CallerBody> {
  const announced = Number(request.headers.get('content-length') ?? Number.NaN);
  // No more than the announced length arrives, and the runtime reads it in one go.
  if (announced <= READ_LIMIT) return { kind: 'whole', bytes: new Uint8Array(await request.arrayBuffer()) };
  const stream = byteStream(request.body);
  if (stream === undefined) return { kind: 'whole', bytes: new Uint8Array(0) };
  // Handed on untouched, the runtime keeps its length and copies it outside JavaScript.
  if (announced > READ_LIMIT) return { kind: 'long', stream };
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { kind: 'whole', bytes: joined(chunks, length) };
    chunks.push(value);
    length += value.byteLength;
    if (length > READ_LIMIT) return { kind: 'long', stream: prefixThenRest(chunks, reader) };
  }
}

/** A body's bytes; the runtime's types leave open what its chunks are. */
export function byteStream(body: ReadableStream | null): ReadableStream<Uint8Array> | undefined {
  return body ?? undefined;
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function prefixThenRest(
  prefix: readonly Uint8Array[],
  rest: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  const waiting = [...prefix];
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = waiting.shift();
        if (next !== undefined) return controller.enqueue(next);
        const { done, value } = await rest.read();
        return done ? controller.close() : controller.enqueue(value);
      },
      cancel: (reason) => rest.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
