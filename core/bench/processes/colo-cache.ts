// What stands behind workerd's Cache API: GET finds what PUT brought, a whole HTTP response in its body.
import { createServer } from 'node:http';
import { reportPort } from './report-port.ts';

interface Kept {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const kept = new Map<string, Kept>();
const END_OF_HEAD = '\r\n\r\n';

/** The head names the body's length or says that it is chunked; of a Worker's own Response it is the length. */
function parse(response: Buffer): Kept {
  const end = response.indexOf(END_OF_HEAD);
  const [, ...lines] = response.subarray(0, end).toString('latin1').split('\r\n');
  const fields = lines.map((line) => line.split(/:\s*/, 2));
  const headers = Object.fromEntries(fields.map(([name = '', value = '']) => [name.toLowerCase(), value]));
  delete headers['transfer-encoding'];
  return { headers, body: response.subarray(end + END_OF_HEAD.length) };
}

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const key = `${request.headers.host}${request.url}`;
  if (request.method === 'GET') {
    const found = kept.get(key);
    if (found === undefined) response.writeHead(504, { 'cf-cache-status': 'MISS' }).end();
    else response.writeHead(200, { ...found.headers, 'cf-cache-status': 'HIT' }).end(found.body);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    kept.set(key, parse(Buffer.concat(chunks)));
    response.writeHead(204).end();
  });
});
await reportPort(server);
