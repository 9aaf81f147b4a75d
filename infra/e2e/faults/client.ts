import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { JsonObject } from '@isartor/shared';
import type { Target } from './targets/target.ts';

/** Of a long answer its beginning and its end are kept, in characters each. */
const KEPT = 65_536;
/** Past it a client gives up. */
const PATIENCE_MS = 6_000;

/** What a client saw. */
export interface ClientView {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  /** The body, its middle left out where it is long. */
  readonly text: string;
  readonly bytes: number;
  readonly end: 'clean' | 'broken' | 'none';
  readonly ms: number;
}

/** One request over a connection of its own, whose client decides how it reads and how it leaves. */
export class ClientCall {
  readonly ended: Promise<ClientView>;
  /** Resolves with the answer's head; never where there is none. */
  readonly headed: Promise<void>;
  /** Resolves with the first bytes of the body. */
  readonly begun: Promise<void>;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #request;
  readonly #began = performance.now();
  #response: IncomingMessage | undefined;
  #reads: boolean;
  #head = '';
  #tail = '';
  #bytes = 0;

  constructor(target: Target, path: string, body: JsonObject, options: { readonly reads?: boolean } = {}) {
    this.#reads = options.reads ?? true;
    const headed = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<ClientView['end']>();
    this.headed = headed.promise;
    this.begun = begun.promise;
    this.#request = httpRequest(`${target.origin}${path}`, {
      method: 'POST',
      agent: this.#agent,
      headers: { 'content-type': 'application/json', ...target.headers },
    });
    this.#request.on('error', () => ended.resolve('broken'));
    this.#request.on('response', (response) => {
      this.#response = response;
      response.on('error', () => ended.resolve('broken'));
      response.on('close', () => ended.resolve(response.complete ? 'clean' : 'broken'));
      response.once('data', () => begun.resolve());
      response.on('data', (chunk: Buffer) => this.#take(chunk));
      if (!this.#reads) response.pause();
      headed.resolve();
    });
    this.#request.end(JSON.stringify(body));
    const patience = setTimeout(() => ended.resolve('none'), PATIENCE_MS);
    this.ended = ended.promise.then((end) => {
      clearTimeout(patience);
      const ms = performance.now() - this.#began;
      this.#request.destroy();
      this.#agent.destroy();
      const { statusCode: status, headers = {} } = this.#response ?? {};
      return { status, headers, text: this.#head + this.#tail, bytes: this.#bytes, end, ms };
    });
  }

  /** Begins to read, or goes on. */
  read(): void {
    this.#reads = true;
    this.#response?.resume();
  }

  /** Leaves: by an orderly close, or by a reset. */
  leave(how: 'closes' | 'resets'): void {
    const { socket } = this.#request;
    if (how === 'resets') socket?.resetAndDestroy();
    else socket?.destroy();
  }

  #take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    const text = chunk.toString('utf8');
    if (this.#head.length < KEPT) this.#head += text;
    else this.#tail = (this.#tail + text).slice(-KEPT);
  }
}
