import type { ClientRequest, IncomingMessage } from 'node:http';

/** The answer to a request, as soon as its headers are there; rejects when there is none. */
export function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
}
