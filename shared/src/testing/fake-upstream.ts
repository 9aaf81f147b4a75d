import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseJson } from '../json/json-value.ts';
import type { FakeAnswer, RecordedRequest } from './fake-answer.ts';
import { writeFakeAnswer } from './write-fake-answer.ts';

/** The answer to every request, or what makes one of each; undefined: the request is not expected. */
export type FakeResponder =
  FakeAnswer | ((request: RecordedRequest) => FakeAnswer | undefined | Promise<FakeAnswer | undefined>);

/** What a fake upstream starts with. */
export interface FakeUpstreamOptions {
  /** Absent: every request is an unexpected one. */
  readonly respond?: FakeResponder | undefined;
}

/** A running fake upstream. */
export interface FakeUpstream {
  /** The API base, such as `http://127.0.0.1:40123/v1`: what goes into `ISARTOR__EXTERNAL_LLM_URL`. */
  readonly url: string;
  /** The same without a path. */
  readonly origin: string;
  /** Every request so far, in the order in which their bodies were in. */
  readonly requests: readonly RecordedRequest[];
  /** Answers from now on. */
  respondWith(respond: FakeResponder): void;
  /** The `count`-th request (1 is the first), as soon as it is in. */
  request(count: number): Promise<RecordedRequest>;
  /** Breaks open connections, and from now on nobody listens: the next ones are refused. */
  refuseConnections(): Promise<void>;
  /** Listens again, on the same port. */
  acceptConnections(): Promise<void>;
  /** Breaks open connections and stops. Throws when a request came that nothing was programmed for. */
  close(): Promise<void>;
}

/**
 * Starts an OpenAI-compatible HTTP server on a free port of the loopback whose answers and faults are data.
 * A request without an answer gets 500 with the reason, and makes `close` throw.
 */
export async function fakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const requests: RecordedRequest[] = [];
  const faults: string[] = [];
  const waiting: { count: number; resolve: (request: RecordedRequest) => void }[] = [];
  let respond: FakeResponder | undefined = options.respond;

  const answerFor = async (request: RecordedRequest): Promise<FakeAnswer> => {
    const answer = typeof respond === 'function' ? await respond(request) : respond;
    if (answer !== undefined) return answer;
    throw new Error(`nothing is programmed for ${request.method} ${request.url}`);
  };

  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await recorded(incoming, response);
    requests.push(request);
    for (const { count, resolve } of waiting) if (count === requests.length) resolve(request);
    try {
      await writeFakeAnswer(response, await answerFor(request));
    } catch (error) {
      const message = `fake upstream: ${error instanceof Error ? error.message : String(error)}`;
      faults.push(message);
      if (response.headersSent) response.destroy();
      else await writeFakeAnswer(response, { kind: 'json', status: 500, body: { error: { message } } });
    }
  };

  const server = createServer((incoming, response) => {
    // A caller that leaves while it still sends its body is no request.
    serve(incoming, response).catch(() => response.destroy());
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const hangUp = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake upstream has no port');
  const { port } = address;
  const origin = `http://127.0.0.1:${port}`;

  return {
    url: `${origin}/v1`,
    origin,
    requests,
    respondWith: (next) => {
      respond = next;
    },
    request: (count) => {
      const known = requests[count - 1];
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve) => waiting.push({ count, resolve }));
    },
    refuseConnections: hangUp,
    acceptConnections: () => listen(port),
    close: async () => {
      await hangUp();
      if (faults.length > 0) throw new Error(faults.join('\n'));
    },
  };
}

async function recorded(incoming: IncomingMessage, response: ServerResponse): Promise<RecordedRequest> {
  const aborted = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  response.once('close', () => {
    if (!response.writableFinished) aborted.resolve();
    closed.resolve();
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) if (chunk instanceof Uint8Array) chunks.push(chunk);
  const body = new Uint8Array(Buffer.concat(chunks));
  const url = incoming.url ?? '';
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    method: incoming.method ?? '',
    url,
    path: url.split('?', 1).join(''),
    headers: Object.fromEntries(headers),
    rawHeaders: incoming.rawHeaders,
    body,
    json: () => parseJson(new TextDecoder().decode(body)),
    aborted: aborted.promise,
    closed: closed.promise,
  };
}

/** An API base on the loopback where nothing listens: every connection is refused. */
export async function refusingUrl(): Promise<string> {
  const upstream = await fakeUpstream();
  await upstream.close();
  return upstream.url;
}
