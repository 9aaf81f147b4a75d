import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { responseTo } from '../support/response-to.ts';

const DEADLINE_MS = 30_000;

/** What the API server would not do; the message is its own. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A change that a watch tells of. */
export interface WatchEvent<Kind> {
  readonly type: string;
  readonly object: Kind;
}

interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

/** The API server as its administrator asks it. Types of answers are the caller's word: the server keeps to its schema. */
export class KubernetesApi {
  readonly #origin: string;
  readonly #token: string;
  readonly #certificate: () => string;
  #agent: Agent | undefined;

  /** @param certificate what to trust the server by; read when it is first asked, for the server makes it at its start */
  constructor(origin: string, token: string, certificate: () => string) {
    this.#origin = origin;
    this.#token = token;
    this.#certificate = certificate;
  }

  async isReady(): Promise<boolean> {
    try {
      const answer = await this.#send('/readyz', {}, AbortSignal.timeout(DEADLINE_MS));
      answer.resume();
      return answer.statusCode === 200;
    } catch {
      return false;
    }
  }

  get<Kind>(path: string): Promise<Kind> {
    return this.#json(path, {});
  }

  create<Kind>(path: string, body: unknown): Promise<Kind> {
    return this.#json(path, { method: 'POST', body });
  }

  /** By a JSON merge patch. */
  merge<Kind>(path: string, body: unknown): Promise<Kind> {
    return this.#json(path, { method: 'PATCH', body, contentType: 'application/merge-patch+json' });
  }

  remove(path: string, options: unknown = {}): Promise<unknown> {
    return this.#json(path, { method: 'DELETE', body: options });
  }

  /** What is there, as ADDED, and every change from then on, until the signal or the server ends it. */
  async *watch<Kind>(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent<Kind>> {
    const separator = path.includes('?') ? '&' : '?';
    const answer = await this.#send(`${path}${separator}watch=1`, {}, signal);
    if (answer.statusCode !== 200) throw new ApiError(answer.statusCode ?? 0, await text(answer));
    for await (const line of createInterface({ input: answer })) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see the class
      yield JSON.parse(line) as WatchEvent<Kind>;
    }
  }

  async #json<Kind>(path: string, call: Call): Promise<Kind> {
    const answer = await this.#send(path, call, AbortSignal.timeout(DEADLINE_MS));
    const body = await text(answer);
    const status = answer.statusCode ?? 0;
    if (status >= 300) throw new ApiError(status, body);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see the class
    return JSON.parse(body) as Kind;
  }

  async #send(
    path: string,
    { method = 'GET', body, contentType }: Call,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    this.#agent ??= new Agent({ ca: this.#certificate(), keepAlive: true });
    const content = body === undefined ? '' : JSON.stringify(body);
    const call = request(this.#origin + path, {
      agent: this.#agent,
      method,
      signal,
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': contentType ?? 'application/json',
        // Said, because Node says it of no DELETE.
        'content-length': Buffer.byteLength(content),
      },
    });
    call.end(content);
    return responseTo(call);
  }
}
