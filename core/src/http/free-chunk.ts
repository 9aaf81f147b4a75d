/**
 * Frees the memory of a chunk that has been read from a socket and is used no more. The garbage collector would wait
 * until 64 MiB of such chunks have piled up: it counts the few bytes of the objects, not the memory they stand for.
 */
export function freeChunk(chunk: Uint8Array): void {
  const { buffer } = chunk;
  // A part of a shared buffer is not ours to free.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0);
}
