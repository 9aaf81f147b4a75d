import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createHash, timingSafeEqual } from 'node:crypto';
import { createApp } from '@humanwhocodes/upstash-redis-server';

const MOST_BODY_BYTES = 2 * 1024 * 1024;

/**
 * Upstash's REST API over a Redis, for the Worker of a local stack. The package brings the translation; this puts it on
 * loopback and asks for the token on every path (the package itself leaves `/pipeline` open).
 */
export function createUpstashServer(options: { readonly token: string; readonly redisUrl: string }): Server {
  const app = createApp(options);
  const wanted = digest(`Bearer ${options.token}`);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), wanted)) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"Unauthorized"}');
      return;
    }
    const { status, body } = await ask(app, request, options.token);
    if (!response.destroyed) response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
  return createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end('{"error":"Internal server error"}');
    });
  });
}

async function ask(
  app: ReturnType<typeof createApp>,
  request: IncomingMessage,
  token: string,
): Promise<{ status: number; body: Buffer }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES) return { status: 413, body: Buffer.from('{"error":"Request too large"}') };
    chunks.push(chunk);
  }
  const answer = await app.fetch(
    new Request(new URL(request.url ?? '/', 'http://upstash.invalid'), {
      method: request.method ?? 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(length === 0 ? {} : { body: Buffer.concat(chunks) }),
    }),
  );
  return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
