import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { responseTo } from '../support/response-to.ts';

const DEADLINE_MS = 60_000;

/** What a client asks for. */
export interface LoadOptions {
  readonly origin: string;
  readonly key: string;
  /** Absent: the gateway's own choice, which the small model may answer too. */
  readonly model?: string;
  /** Requests that are answered at once: how many clients send one after the other. */
  readonly plain: number;
  /** Streams, which take as long as the model behind does: how many clients read one after the other. */
  readonly streams: number;
}

/** What clients saw. */
export interface LoadReport {
  readonly answered: number;
  readonly streamed: number;
  /** Each request that got no whole and good answer, and why. */
  readonly failures: readonly string[];
}

/** Clients that ask without a pause, each time something new, so that nothing comes from a cache. */
export class Load {
  readonly #options: LoadOptions;
  readonly #clients: readonly Promise<void>[];
  // A connection for each request, as from many users: each is given to a pod anew.
  readonly #agent = new Agent({ keepAlive: false });
  readonly #failures: string[] = [];
  #answered = 0;
  #streamed = 0;
  #asked = 0;
  #stopping = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#clients = [
      ...Array.from({ length: options.plain }, () => this.#client(false)),
      ...Array.from({ length: options.streams }, () => this.#client(true)),
    ];
  }

  /** Asks nothing more; what is under way goes on. */
  finish(): void {
    this.#stopping = true;
  }

  /** What there was, once all of it has ended. */
  async report(): Promise<LoadReport> {
    await Promise.all(this.#clients);
    return { answered: this.#answered, streamed: this.#streamed, failures: this.#failures };
  }

  async #client(stream: boolean): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#ask(stream);
        if (stream) this.#streamed += 1;
        else this.#answered += 1;
      } catch (error) {
        this.#failures.push(
          `${stream ? 'stream' : 'request'}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
      await pause(20);
    }
  }

  async #ask(stream: boolean): Promise<void> {
    this.#asked += 1;
    const { origin, key, model = 'gpt-4o-mini' } = this.#options;
    const call = request(`${origin}/v1/chat/completions`, {
      method: 'POST',
      agent: this.#agent,
      signal: AbortSignal.timeout(DEADLINE_MS),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    });
    const messages = [{ role: 'user', content: `What is ${this.#asked} plus ${Math.random()}?` }];
    call.end(JSON.stringify({ model, stream, messages }));
    const answer = await responseTo(call);
    const body = await text(answer);
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${body.slice(0, 300)}`);
    const whole = stream ? body.trimEnd().endsWith('data: [DONE]') : body.includes('"finish_reason":"stop"');
    if (!whole) throw new Error(`not whole: …${body.slice(-300)}`);
  }
}
