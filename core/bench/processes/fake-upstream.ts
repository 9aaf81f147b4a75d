// The provider of every row: reads a body whole, answers it with constant bytes, as a whole or event by event.
import { createServer, type ServerResponse } from 'node:http';
import { ANSWER, CHUNKS, EVENTS, LETTER, MODELS, STAMPED_MODEL, stampedEvent } from './constant-answer.ts';
import { reportPort } from './report-port.ts';

const PLAIN_HEADERS = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(ANSWER)) };
const LETTER_HEADERS = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(LETTER)) };
const STREAM_HEADERS = { 'content-type': 'text/event-stream' };

/** A turn of the event loop between two events: each is a write of its own, as a model's tokens are. */
function sendEvents(response: ServerResponse, from: number): void {
  const event = EVENTS[from];
  if (event === undefined) {
    response.end();
    return;
  }
  response.write(event);
  setImmediate(sendEvents, response, from + 1);
}

const STAMPED_EVERY_MS = 2;

function sendStamped(response: ServerResponse, left: number): void {
  if (left === 0) {
    response.end(EVENTS.slice(-2).join(''));
    return;
  }
  response.write(stampedEvent());
  setTimeout(sendStamped, STAMPED_EVERY_MS, response, left - 1);
}

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  if (request.method === 'GET') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(MODELS);
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    if (body.includes('"stream":true')) {
      response.writeHead(200, STREAM_HEADERS);
      if (body.includes(STAMPED_MODEL)) sendStamped(response, CHUNKS);
      else sendEvents(response, 0);
    } else if (body.includes('"top_logprobs":')) {
      response.writeHead(200, LETTER_HEADERS).end(LETTER);
    } else {
      response.writeHead(200, PLAIN_HEADERS).end(ANSWER);
    }
  });
});
await reportPort(server);
