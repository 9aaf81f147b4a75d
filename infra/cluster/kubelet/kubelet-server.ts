import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { Certified } from '../control-plane/certificates.ts';

/** The port at which a kubelet is asked: what its node's pods use. */
export class KubeletServer {
  readonly #server: Server;

  /** @param metrics what `/metrics/resource` says when it is asked */
  constructor(certified: Certified, metrics: () => string) {
    this.#server = createServer(certified, (request, response) => {
      response.statusCode = request.url === '/metrics/resource' ? 200 : 404;
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(response.statusCode === 200 ? metrics() : '');
    });
  }

  /** Gives the port. */
  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the kubelet has no port');
    return address.port;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
