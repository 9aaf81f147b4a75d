import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { chatReply } from './chat-reply.ts';
import { completionsReply } from './completions-reply.ts';
import { embeddingsReply } from './embeddings-reply.ts';
import { isObject, type JsonObject } from './json.ts';
import { chatChunks, completionsChunks } from './reply-chunks.ts';
import { chatJson, completionsJson } from './reply-json.ts';
import { readModel, STANDIN_MODEL } from './request-options.ts';
import { sendStream } from './send-stream.ts';
import { StandinError } from './standin-error.ts';

const MOST_BODY_BYTES = 11 * 1024 * 1024;

/** How the stand-in behaves. */
export interface StandinOptions {
  /** The speed of streams; plain answers come at once. */
  readonly tokensPerSecond: number;
}

/**
 * A local server that speaks OpenAI's API in place of a paid model: chat, completions, embeddings, models. Equal requests
 * get equal answers, ids and times included. It takes any API key.
 */
export function createStandin(options: StandinOptions): Server {
  return createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => refuse(response, error));
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: StandinOptions): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://standin.invalid').pathname;
  if (request.method === 'GET' && path === '/v1/models') {
    return sendJson(response, { object: 'list', data: [modelObject(STANDIN_MODEL)] });
  }
  if (request.method === 'GET' && path.startsWith('/v1/models/')) {
    return sendJson(response, modelObject(readModel(decodeURIComponent(path.slice('/v1/models/'.length)))));
  }
  if (request.method === 'GET' && path === '/healthz') return sendJson(response, { status: 'ok' });
  if (request.method === 'POST' && path === '/v1/chat/completions') {
    const { reply, options: asked } = chatReply(await readBody(request));
    if (!asked.stream) return sendJson(response, chatJson(reply));
    return sendStream(response, chatChunks(reply, asked.includeUsage), options.tokensPerSecond);
  }
  if (request.method === 'POST' && path === '/v1/completions') {
    const { reply, options: asked } = completionsReply(await readBody(request));
    if (!asked.stream) return sendJson(response, completionsJson(reply));
    return sendStream(response, completionsChunks(reply, asked.includeUsage), options.tokensPerSecond);
  }
  if (request.method === 'POST' && path === '/v1/embeddings') {
    return sendJson(response, embeddingsReply(await readBody(request)));
  }
  throw new StandinError(404, `Invalid URL (${request.method ?? 'GET'} ${path})`);
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BODY_BYTES) throw new StandinError(413, 'The request body is too large.');
    chunks.push(chunk);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new StandinError(400, 'We could not parse the JSON body of your request.');
  }
  if (!isObject(body)) throw new StandinError(400, 'The JSON body of your request must be an object.');
  return body;
}

function modelObject(id: string): JsonObject {
  return { id, object: 'model', created: 1_767_225_600, owned_by: 'isartor' };
}

function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const known = error instanceof StandinError ? error : new StandinError(500, 'The stand-in failed on this request.');
  if (known !== error) console.error(error);
  // What is left of the request is not worth reading.
  if (known.status === 413) response.setHeader('connection', 'close');
  sendJson(response, known.toBody(), known.status);
}
