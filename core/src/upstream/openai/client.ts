import { GatewayError, OPERATION_SPECS } from '@isartor/shared';
import { Agent, type Dispatcher } from 'undici';
import type { UpstreamCall, UpstreamReply } from '../upstream.port.ts';
import { faultOf } from './error.ts';
import { modelNames, readText } from './response.ts';
import { requestHeaders } from './request.ts';

const CONNECT_MS = 10_000;
/** A provider's answer headers; more is not a provider's. */
const MAX_HEADER_BYTES = 64 * 1024;

/** How to reach an OpenAI-compatible server. */
export interface OpenAiClientOptions {
  /** API base with its version, without a trailing slash: `https://api.openai.com/v1`. */
  readonly url: string;
  readonly apiKey: string | undefined;
  /** Longest wait for a connection; 10 s where nothing else is said. */
  readonly connectMs?: number | undefined;
  /** Longest silence within a body. */
  readonly betweenBytesMs: number;
}

/** HTTP to a server that speaks OpenAI's API. */
export class OpenAiClient {
  private readonly agent: Agent;

  constructor(private readonly options: OpenAiClientOptions) {
    this.agent = new Agent({
      connect: { timeout: options.connectMs ?? CONNECT_MS },
      // The caller's signal has a clock for the first byte.
      headersTimeout: 0,
      // Only here is it known whether the server is silent, or the client does not read.
      bodyTimeout: options.betweenBytesMs,
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: 30_000,
    });
  }

  async call(call: UpstreamCall): Promise<UpstreamReply> {
    const url = `${this.options.url}${OPERATION_SPECS[call.operation].upstreamPath}${call.query}`;
    return this.send(url, {
      method: 'POST',
      body: call.body,
      headers: requestHeaders(call, this.options.apiKey),
      signal: call.signal,
    });
  }

  async listModels(signal: AbortSignal): Promise<readonly string[]> {
    const { status, text } = await this.read(`${this.options.url}/models`, signal);
    if (status !== 200) throw new GatewayError('upstream_error', `The list of models was refused (${status}).`);
    return modelNames(text);
  }

  /** What a GET of `url` says, whole; throws where it is longer than any description of a server. */
  async read(url: string, signal: AbortSignal): Promise<{ readonly status: number; readonly text: string }> {
    const headers = this.options.apiKey === undefined ? [] : ['authorization', `Bearer ${this.options.apiKey}`];
    const reply = await this.send(url, { method: 'GET', headers, signal });
    return { status: reply.status, text: await readText(reply) };
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private async send(url: string, request: SendOptions): Promise<UpstreamReply> {
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

/** We ask for no coding and undo none: what is coded all the same could only be passed on as rubbish. */
function refuseCoded({ headers, body }: Dispatcher.ResponseData): void {
  const coding = headers['content-encoding'];
  if (coding === undefined || coding === 'identity') return;
  body.destroy();
  throw new GatewayError('upstream_error', 'The provider sent an answer in a content coding that was not asked for.');
}

interface SendOptions {
  readonly method: 'GET' | 'POST';
  readonly headers: string[];
  readonly signal: AbortSignal;
  readonly body?: Uint8Array;
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
