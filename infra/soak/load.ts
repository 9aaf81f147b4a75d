import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { isJsonArray, isJsonObject, parseJson, parseSseFrame, SseFramer, type JsonValue } from '@isartor/shared';
import { kindFor, type Kind, type Saw } from './kinds.ts';

const SHARED_QUESTIONS = 40;
const THINK_MS = 60;
const LEAVE_BEFORE_MS = 50;
const SLOW_PIECE_MS = 5;
/** After so long without an end a request is an error. */
const PATIENCE_MS = 30_000;
const MOST_FAULTS_KEPT = 20;

/** What came of the load. */
export interface LoadFigures {
  readonly requests: number;
  readonly outcomes: ReadonlyMap<string, number>;
  /** Errors that nobody injected: how many, and the first of them. */
  readonly errors: number;
  readonly faults: readonly string[];
}

/** Clients that ask one request after another until they are stopped. */
export class Load {
  readonly #origin: string;
  readonly #key: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #outcomes = new Map<string, number>();
  readonly #faults: string[] = [];
  readonly #clients: Promise<void>[];
  #requests = 0;
  #errors = 0;
  #running = true;
  #resting: Promise<void> | undefined;
  #busy = 0;

  constructor(options: { readonly origin: string; readonly key: string; readonly clients: number }) {
    this.#origin = options.origin;
    this.#key = options.key;
    this.#clients = Array.from({ length: options.clients }, () => this.#client());
  }

  get figures(): LoadFigures {
    return {
      requests: this.#requests,
      outcomes: this.#outcomes,
      errors: this.#errors,
      faults: this.#faults,
    };
  }

  /** Lets every client finish what it does, does the work, and lets them go on. */
  async atRest<Value>(work: () => Promise<Value>): Promise<Value> {
    const rest = Promise.withResolvers<void>();
    this.#resting = rest.promise;
    try {
      while (this.#busy > 0) await pause(5);
      return await work();
    } finally {
      this.#resting = undefined;
      rest.resolve();
    }
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }

  async #client(): Promise<void> {
    while (this.#running) {
      await pause(THINK_MS * Math.random());
      await this.#resting;
      this.#busy += 1;
      await this.#ask(kindFor(Math.random()));
      this.#busy -= 1;
    }
  }

  async #ask(kind: Kind): Promise<void> {
    const number = (this.#requests += 1);
    const question = kind.shared === true ? `shared ${Math.floor(Math.random() * SHARED_QUESTIONS)}` : `own ${number}`;
    const saw = await this.#exchange(kind, `soak-${kind.fate}-${number}`, question);
    const outcome = kind.outcome(saw, `Answer to: ${question}`);
    if (outcome === undefined) {
      this.#errors += 1;
      const { text, ...rest } = saw;
      const fault = `${kind.name}: ${JSON.stringify({ ...rest, text: text.slice(0, 200) })}`;
      if (this.#faults.length < MOST_FAULTS_KEPT) this.#faults.push(fault);
    }
    const label = outcome ?? 'NOT INJECTED';
    this.#outcomes.set(label, (this.#outcomes.get(label) ?? 0) + 1);
  }

  #exchange(kind: Kind, id: string, question: string): Promise<Saw> {
    return new Promise((resolve) => {
      const messages = [{ role: 'user', content: question }];
      const body = JSON.stringify({ model: 'gpt-4o-mini', messages, ...(kind.stream && { stream: true }) });
      const call = httpRequest(`${this.#origin}/v1/chat/completions`, {
        method: 'POST',
        agent: this.#agent,
        timeout: PATIENCE_MS,
        headers: {
          authorization: `Bearer ${this.#key}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'x-request-id': id,
        },
      });
      const leaving = kind.leaves === 'before' ? setTimeout(() => call.destroy(), LEAVE_BEFORE_MS) : undefined;
      const settle = (saw: Saw): void => {
        clearTimeout(leaving);
        resolve(saw);
      };
      call.once('timeout', () => call.destroy(new Error('no answer in time')));
      call.once('error', (error) => settle({ ...NOTHING, broke: error.message }));
      call.once('response', (response) => {
        void read(response, kind).then((saw) => settle(saw));
        if (kind.leaves === 'middle') response.once('data', () => call.destroy());
      });
      call.end(body);
    });
  }
}

const NOTHING: Saw = { status: 0, layer: '', cache: '', text: '', done: false, errorEvent: false, broke: undefined };

async function read(response: IncomingMessage, { slow, stream }: Kind): Promise<Saw> {
  const chunks: Buffer[] = [];
  let broke: string | undefined;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (slow === true) await pause(SLOW_PIECE_MS);
    }
  } catch (error) {
    broke = error instanceof Error ? error.message : String(error);
  }
  const { headers, statusCode = 0 } = response;
  const bytes = Buffer.concat(chunks);
  const isStream = stream && statusCode === 200;
  const data = isStream ? dataOf(bytes) : [bytes.toString('utf8')];
  const values = data.filter((one) => one !== '[DONE]').map(parsed);
  return {
    status: statusCode,
    layer: String(headers['x-isartor-layer'] ?? ''),
    cache: String(headers['x-isartor-cache'] ?? '').split(';')[0] ?? '',
    text: statusCode === 200 ? values.map(contentIn).join('') : bytes.toString('utf8'),
    done: data.at(-1) === '[DONE]',
    errorEvent: isStream && values.some((value) => isJsonObject(value) && value['error'] !== undefined),
    broke,
  };
}

function dataOf(bytes: Uint8Array): readonly string[] {
  const frames = new SseFramer().push(bytes);
  return frames.map((frame) => parseSseFrame(frame.bytes)?.data).filter((data) => data !== undefined);
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    // A body that broke off; the outcome tells.
    return null;
  }
}

function contentIn(value: JsonValue): string {
  const choices = isJsonObject(value) ? value['choices'] : undefined;
  const choice = isJsonArray(choices) ? choices[0] : undefined;
  const holder = isJsonObject(choice) ? (choice['message'] ?? choice['delta']) : undefined;
  const content = isJsonObject(holder) ? holder['content'] : undefined;
  return typeof content === 'string' ? content : '';
}
