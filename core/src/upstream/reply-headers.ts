import { answerHeadersFromUpstream } from '@isartor/shared';
import type { UpstreamReply } from './upstream.port.ts';

/** A reply's headers, as far as the client may see them. */
export function headersForClient(reply: UpstreamReply): Record<string, string> {
  return answerHeadersFromUpstream(flatHeaders(reply));
}

function* flatHeaders(reply: UpstreamReply): Generator<[string, string]> {
  for (const [name, value] of Object.entries(reply.headers)) {
    if (value !== undefined) yield [name, typeof value === 'string' ? value : value.join(', ')];
  }
}
