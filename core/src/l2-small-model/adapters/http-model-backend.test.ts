import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolvedAddresses } from '../pool-addresses.ts';
import { HttpModelBackend } from './http-model-backend.ts';
import { VLLM } from './vllm.ts';

const trusted = getCACertificates('default');
let server: Server;
let port: number;
let seen: (string | false | null | undefined)[] = [];

beforeAll(async () => {
  const named = await generate([{ name: 'commonName', value: 'pool.test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'pool.test' }] }],
  });
  const pem = { key: named.private, cert: named.cert };
  setDefaultCACertificates([...trusted, pem.cert]);
  server = createServer(pem, (request, response) => {
    seen = [request.headers.host, (request.socket as TLSSocket).servername];
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});

afterAll(async () => {
  setDefaultCACertificates(trusted);
  server.close();
  await once(server, 'close');
});

async function healthAt(host: string): Promise<string> {
  const found = await resolvedAddresses([`https://${host}:${port}`], async () => [
    { address: '127.0.0.1', family: 4 },
  ])();
  const [address] = found;
  if (address === undefined) throw new Error('no address');
  expect(address.url).toBe(`https://127.0.0.1:${port}`);
  const backend = new HttpModelBackend(VLLM, { ...address, apiKey: undefined, betweenBytesMs: 1_000 });
  try {
    return await backend.health(AbortSignal.timeout(5_000));
  } finally {
    await backend.close();
  }
}

test('a server found behind a name is asked by the name, at the address', async () => {
  expect(await healthAt('pool.test')).toBe('ready');
  expect(seen).toEqual([`pool.test:${port}`, 'pool.test']);
});

test('a server whose certificate is for another name is not asked', async () => {
  seen = [];
  await expect(healthAt('other.test')).rejects.toMatchObject({
    code: 'upstream_unreachable',
    cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  });
  expect(seen).toEqual([]);
});
