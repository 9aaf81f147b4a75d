// Stands for a pool of embedding servers (OpenAI's API): a direction of its own for each text, at once.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { reportPort } from './report-port.ts';

const DIMENSION = 384;

function vectorOf(text: string): number[] {
  const bytes = createHash('shake256', { outputLength: 2 * DIMENSION })
    .update(text)
    .digest();
  return Array.from({ length: DIMENSION }, (_, i) => bytes.readInt16LE(2 * i) / 2 ** 15);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await textOf(request);
  if (request.url !== '/v1/embeddings') {
    response.writeHead(404).end();
    return;
  }
  const data = [{ object: 'embedding', index: 0, embedding: vectorOf(body) }];
  const reply = JSON.stringify({ object: 'list', model: 'bench', data });
  response.writeHead(200, { 'content-type': 'application/json' }).end(reply);
}

await reportPort(createServer({ keepAliveTimeout: 120_000 }, (request, response) => void answer(request, response)));
