import type { ServerResponse } from 'node:http';
import type { Chunk } from './reply-chunks.ts';

/**
 * Sends chunks as server-sent events, the paced ones `tokensPerSecond` apart, and `[DONE]`. Stops as soon as the client
 * has gone, and waits while it does not read.
 */
export async function sendStream(
  response: ServerResponse,
  chunks: Iterable<Chunk>,
  tokensPerSecond: number,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const began = performance.now();
  let paced = 0;
  for (const chunk of chunks) {
    if (chunk.paced) {
      paced += 1;
      // Against the clock and not the last token, so that late timers do not add up.
      await untilOrGone(response, began + (paced * 1000) / tokensPerSecond);
    }
    if (response.closed || response.destroyed) return;
    if (!response.write(`data: ${JSON.stringify(chunk.data)}\n\n`)) await drainedOrGone(response);
  }
  if (!response.destroyed) response.end('data: [DONE]\n\n');
}

function untilOrGone(response: ServerResponse, due: number): Promise<void> {
  const wait = due - performance.now();
  if (wait <= 0 || response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.removeListener('close', done);
      resolve();
    };
    const timer = setTimeout(done, wait);
    response.once('close', done);
  });
}

function drainedOrGone(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      response.removeListener('drain', done).removeListener('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}
