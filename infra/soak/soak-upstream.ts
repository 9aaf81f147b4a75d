import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { isJsonArray, isJsonObject, parseJson, type JsonObject, type JsonValue } from '@isartor/shared';
import { chatBody, chatStream } from '@isartor/shared/testing';
import { portOf } from '../local/src/stack/port-of.ts';

const SLOW_MS = 300;
const PACED_CHUNKS = 12;
const PACED_MS = 40;
/** Longer than what a core holds whole. */
const LONG_BYTES = 1_500_000;
const MANY_CHUNKS = 100;
const CHUNK_BYTES = 4_000;

/** A provider that fares with each request as the request's id says: `soak-<fate>-<number>`. */
export interface SoakUpstream {
  readonly url: string;
  /** Requests that came. */
  calls(): number;
  /** Requests whose caller left before the answer's end. */
  aborted(): number;
  /** Requests that are being answered. */
  busy(): number;
  /** Closes connections that nobody uses. */
  closeIdle(): void;
  close(): Promise<void>;
}

/** Starts it on a free port of the loopback. It keeps nothing of what it was asked. */
export async function soakUpstream(): Promise<SoakUpstream> {
  const counts = { calls: 0, aborted: 0, busy: 0 };
  const asked = new Set<string>();
  const server = createServer((request, response) => {
    counts.calls += 1;
    counts.busy += 1;
    response.once('close', () => {
      counts.busy -= 1;
      if (!response.writableFinished) counts.aborted += 1;
    });
    respond(request, response, asked).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}/v1`,
    calls: () => counts.calls,
    aborted: () => counts.aborted,
    busy: () => counts.busy,
    closeIdle: () => server.closeIdleConnections(),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, asked: Set<string>): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = parseJson(Buffer.concat(chunks).toString('utf8'));
  if (!isJsonObject(body)) return void response.writeHead(400).end();
  const id = String(request.headers['x-request-id'] ?? '');
  const fate = id.split('-')[1];
  const streams = body['stream'] === true;
  const answer = chatBody(`Answer to: ${questionIn(body)}`);
  switch (fate) {
    case 'http500':
      return json(response, { error: { message: 'injected' } }, 500);
    case 'http429':
      response.setHeader('retry-after', '0');
      return json(response, { error: { message: 'injected' } }, 429);
    case 'inside':
      return streams
        ? events(response, [JSON.stringify({ error: { message: 'injected' } })])
        : json(response, { error: { message: 'injected' } });
    case 'refuse':
      response.socket?.resetAndDestroy();
      return;
    case 'flaky':
      if (asked.delete(id)) break;
      asked.add(id);
      return json(response, { error: { message: 'injected' } }, 500);
    case 'cut':
      return cut(response, answer, streams);
    case 'slow':
      await pause(SLOW_MS);
      break;
    case 'length':
      return json(response, { ...answer, choices: [{ ...firstChoice(answer), finish_reason: 'length' }] });
    case 'long':
      return json(response, { ...answer, padding: 'p'.repeat(LONG_BYTES) });
    case 'paced':
      return events(
        response,
        [...Array.from({ length: PACED_CHUNKS }, () => EMPTY_CHUNK), ...eventsOf(answer)],
        PACED_MS,
      );
    case 'many':
      return events(response, [...Array.from({ length: MANY_CHUNKS }, () => PADDED_CHUNK), ...eventsOf(answer)]);
    default:
      break;
  }
  return streams ? events(response, eventsOf(answer)) : json(response, answer);
}

const EMPTY = { id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: '' } }] };
const EMPTY_CHUNK = JSON.stringify(EMPTY);
const PADDED_CHUNK = JSON.stringify({ ...EMPTY, padding: 'p'.repeat(CHUNK_BYTES) });

function json(response: ServerResponse, body: JsonObject, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function events(response: ServerResponse, data: readonly string[], paceMs = 0): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const one of data) {
    if (response.destroyed) return;
    response.write(`data: ${one}\n\n`);
    if (paceMs > 0) await pause(paceMs);
  }
  response.end();
}

async function cut(response: ServerResponse, answer: JsonObject, streams: boolean): Promise<void> {
  if (streams) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    await new Promise<void>((sent) => response.write(`data: ${eventsOf(answer)[0] ?? ''}\n\n`, () => sent()));
    // So that the event arrives by itself, and the cut after it.
    await pause(PACED_MS);
  } else {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 10_000 });
    await new Promise<void>((sent) => response.write(JSON.stringify(answer).slice(0, 50), () => sent()));
  }
  response.socket?.destroy();
}

function eventsOf(answer: JsonObject): readonly string[] {
  const stream = chatStream(answer, { includeUsage: true });
  if (stream.kind !== 'stream' || !(Symbol.iterator in stream.steps)) return [];
  return [...stream.steps].filter((step) => typeof step === 'string');
}

function firstChoice(answer: JsonObject): JsonObject {
  const choices = answer['choices'];
  const first: JsonValue | undefined = isJsonArray(choices) ? choices[0] : undefined;
  return isJsonObject(first) ? first : {};
}

function questionIn(body: JsonObject): string {
  const messages = body['messages'];
  const last = isJsonArray(messages) ? messages.at(-1) : undefined;
  return isJsonObject(last) && typeof last['content'] === 'string' ? last['content'] : '';
}
