import type { ServerResponse } from 'node:http';
import type { FakeAnswer, FakeHeaders, FakeStep } from './fake-answer.ts';

/** Plays an answer to the end, or until the caller is gone. */
export async function writeFakeAnswer(response: ServerResponse, answer: FakeAnswer): Promise<void> {
  switch (answer.kind) {
    case 'json':
      start(response, answer.status, 'application/json', answer.headers);
      response.end(JSON.stringify(answer.body));
      return;
    case 'text':
      start(response, answer.status, 'application/json', answer.headers);
      response.end(answer.body);
      return;
    case 'stream':
      start(response, answer.status, 'text/event-stream; charset=utf-8', answer.headers);
      response.flushHeaders();
      for await (const step of answer.steps) {
        await playStep(response, step);
        if (response.closed) return;
      }
      if (answer.end === 'cut') response.socket?.destroy();
      else response.end();
      return;
    case 'stall':
      return;
    case 'refuse':
      response.socket?.resetAndDestroy();
      return;
    case 'endless-header':
      // Past Node's own writer, which only knows headers that end.
      response.socket?.write('HTTP/1.1 200 OK\r\n');
      await writeForever(response, () => response.socket?.write(`x-padding: ${'p'.repeat(1000)}\r\n`) ?? false);
      return;
    case 'endless-body':
      start(response, 200, 'application/json', answer.headers);
      response.write('{"choices":["');
      await writeForever(response, () => response.write('p'.repeat(16_384)));
      return;
    default:
      answer satisfies never;
  }
}

function start(response: ServerResponse, status = 200, contentType: string, headers: FakeHeaders = {}): void {
  response.statusCode = status;
  response.setHeader('content-type', contentType);
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
}

async function playStep(response: ServerResponse, step: FakeStep): Promise<void> {
  if (typeof step === 'string') await send(response, `data: ${step}\n\n`);
  else if (step instanceof Uint8Array) await send(response, step);
  else if ('raw' in step) await send(response, step.raw);
  else await Promise.race([step.wait, gone(response)]);
}

/** Resolves once the bytes were handed to the connection: the next step is a packet of its own. */
function send(response: ServerResponse, bytes: string | Uint8Array): Promise<void> {
  if (response.closed) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  response.write(bytes, () => resolve());
  return promise;
}

/** Writes at the reader's pace until it has had enough. */
async function writeForever(response: ServerResponse, write: () => boolean): Promise<void> {
  const { socket } = response;
  if (socket === null) return;
  const closed = gone(response);
  while (!socket.destroyed) {
    if (write()) await new Promise(setImmediate);
    else await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))]);
  }
}

function gone(response: ServerResponse): Promise<unknown> {
  if (response.closed) return Promise.resolve();
  return new Promise((resolve) => response.once('close', resolve));
}
