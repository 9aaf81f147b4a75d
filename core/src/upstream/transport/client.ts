import { isIP, type LookupFunction } from 'node:net';
import { GatewayError } from '@isartor/shared';
import { Agent, type Dispatcher } from 'undici';
import type { UpstreamReply } from '../upstream.port.ts';
import { faultOf } from './fault-of.ts';
import { readText } from './read-text.ts';

const CONNECT_MS = 10_000;
/** A provider's answer headers; more is not a provider's. */
const MAX_HEADER_BYTES = 64 * 1024;

/** How patient a client is. */
export interface HttpClientOptions {
  /** Longest wait for a connection; 10 s where nothing else is said. */
  readonly connectMs?: number | undefined;
  /** Where to connect, whatever the URL's name resolves to; the certificate is still checked against the name. */
  readonly address?: string | undefined;
  /** Longest silence within a body. */
  readonly betweenBytesMs: number;
}

/** One request; `headers` are flat. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: string[];
  readonly signal: AbortSignal;
  readonly body?: Uint8Array;
}

/** HTTP to a model server, whatever API it speaks: bounded, without redirects, its failures told in our errors. */
export class HttpClient {
  private readonly agent: Agent;

  constructor(options: HttpClientOptions) {
    this.agent = new Agent({
      connect: {
        timeout: options.connectMs ?? CONNECT_MS,
        ...(options.address === undefined ? {} : { lookup: alwaysFound(options.address) }),
      },
      // The caller's signal has a clock for the first byte.
      headersTimeout: 0,
      // Only here is it known whether the server is silent, or the client does not read.
      bodyTimeout: options.betweenBytesMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: 30_000,
    });
  }

  /** What a GET says, whole; throws where it is longer than any description of a server. */
  async read(
    url: string,
    headers: string[],
    signal: AbortSignal,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const reply = await this.send(url, { method: 'GET', headers, signal });
    return { status: reply.status, text: await readText(reply) };
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  async send(url: string, request: HttpRequest): Promise<UpstreamReply> {
    const { signal } = request;
    let response: Dispatcher.ResponseData;
    try {
      const { origin, path } = splitUrl(url);
      // Redirects are not followed: undici follows none unless told to.
      response = await this.agent.request({ origin, path, ...request });
    } catch (cause) {
      throw faultOf(cause, signal);
    }
    const { body } = response;
    // An abandoned body reports its own abort: nobody is left to hear it.
    body.on('error', () => undefined);
    refuseCoded(response);
    return {
      status: response.statusCode,
      headers: response.headers,
      body: translated(body, signal),
      abandon: () => void body.destroy(),
    };
  }
}

/** Finds one address behind every name. */
function alwaysFound(address: string): LookupFunction {
  const family = isIP(address);
  return (_, { all }, found) => {
    if (all === true) found(null, [{ address, family }]);
    else found(null, address, family);
  };
}

/** We ask for no coding and undo none: what is coded all the same could only be passed on as rubbish. */
function refuseCoded({ headers, body }: Dispatcher.ResponseData): void {
  const coding = headers['content-encoding'];
  if (coding === undefined || coding === 'identity') return;
  body.destroy();
  throw new GatewayError('upstream_error', 'The provider sent an answer in a content coding that was not asked for.');
}

function splitUrl(url: string): { origin: string; path: string } {
  const pathStart = url.indexOf('/', url.indexOf('//') + 2);
  return { origin: url.slice(0, pathStart), path: url.slice(pathStart) };
}

/** A body whose failures are told in our errors. Not a generator, of which every chunk would take three more turns. */
function translated(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => {
      const chunks = body[Symbol.asyncIterator]();
      return {
        next: async () => {
          try {
            return await chunks.next();
          } catch (cause) {
            throw faultOf(cause, signal);
          }
        },
        return: async () => {
          await chunks.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
