import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { generate } from 'selfsigned';

/** A server in the place of one on the Internet, behind a proxy (`HTTPS_PROXY`), with a certificate for its name. */
export interface TunnelledHost {
  /** Of the proxy. */
  readonly proxyUrl: string;
  /** Where clients wanted to go, such as `oauth2.googleapis.com:443`. */
  readonly destinations: readonly string[];
  /** Stops both; this process trusts what it trusted before. */
  close(): Promise<void>;
}

/**
 * Starts an HTTP proxy whose every tunnel ends at a server for `hostname`, which hands what it gets to the plain HTTP
 * server at `origin`. This process trusts the certificate until `close`.
 */
export async function tunnelledHost(hostname: string, origin: string): Promise<TunnelledHost> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: hostname }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: hostname }] }],
  });
  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, cert]);

  const host = createTlsServer({ key, cert }, (incoming, response) => {
    const { method, url = '/', headers } = incoming;
    const onwards = request(new URL(url, origin), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, response, () => undefined);
    });
    pipeline(incoming, onwards, () => undefined);
  });
  const hostPort = await listening(host);

  const destinations: string[] = [];
  const proxy = createServer().on('connect', ({ url = '' }: IncomingMessage, client: Socket) => {
    destinations.push(url);
    const tunnel = connect(hostPort, '127.0.0.1', () => client.write('HTTP/1.1 200 Connection established\r\n\r\n'));
    pipeline(client, tunnel, client, () => undefined);
  });
  const proxyPort = await listening(proxy);

  return {
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
    destinations,
    close: async () => {
      setDefaultCACertificates(trusted);
      host.closeAllConnections();
      proxy.closeAllConnections();
      await Promise.all([host, proxy].map((server) => once(server.close(), 'close')));
    },
  };
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}
