import { GatewayError } from '@isartor/shared';
import type { UpstreamReply } from '../upstream.port.ts';

/** Longest description of a server that is read, in bytes. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/** A reply's whole body; throws where it is longer than 4 MiB. */
export async function readText(reply: UpstreamReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of reply.body) {
    size += chunk.byteLength;
    if (size > MAX_TEXT_BYTES) throw new GatewayError('upstream_error', 'The server says more than it was asked for.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
