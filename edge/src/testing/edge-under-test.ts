import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { parseJson } from '@isartor/shared';
import type { JsonValue } from '@isartor/shared';
import { inject } from 'vitest';
import { readSettings } from '../env.ts';
import { createEdge } from '../worker.ts';

/** The gateway key of every edge under test, unless it is given other settings. */
export const KEY = 'edge-test-key';

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A request, with what tests usually leave out filled in. */
export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit | object | null;
  readonly signal?: AbortSignal;
}

/** A Worker with its own settings, clock and module state, on the real runtime. */
export class EdgeUnderTest {
  /** Unix milliseconds; the Worker's clock, which stands until a test turns it. */
  now = Date.now();
  #runsSince: number | undefined;
  readonly log: string[] = [];
  readonly #edge: ReturnType<typeof createEdge>;

  constructor(bindings: Readonly<Record<string, string>> = {}) {
    const namespace = `test-${crypto.randomUUID()}`;
    const defaults = {
      ISARTOR__CORE_URL: inject('coreA'),
      ISARTOR__GATEWAY_API_KEY: KEY,
      ISARTOR__CACHE_NAMESPACE: namespace,
      // A busy test machine is no slow Redis; tests of the bound set it themselves.
      ISARTOR__REDIS_TIMEOUT_MS: '5000',
      // Tests of the hedge set it themselves, too: all others are of one thing after the other.
      ISARTOR__EDGE_HEDGE_MS: '10000',
    };
    const settings = readSettings({ ...defaults, ...bindings });
    this.#edge = createEdge(settings, { now: () => this.#clock(), log: (line) => this.log.push(line) });
  }

  /** From now on the clock goes by itself. */
  clockRuns(): void {
    this.#runsSince = performance.now();
  }

  #clock(): number {
    return this.#runsSince === undefined ? this.now : this.now + performance.now() - this.#runsSince;
  }

  /** Sends a request and hands out the answer as it comes; `settle` waits for what goes on in the background. */
  async open(ask: Ask = {}): Promise<{ response: Response; settle: () => Promise<void> }> {
    const context = createExecutionContext();
    const response = await this.#edge.fetch(requestOf(ask), {}, context);
    return { response, settle: () => waitOnExecutionContext(context) };
  }

  /** Sends a request, reads its answer, and waits until copies are kept. */
  async ask(ask: Ask = {}): Promise<Answer> {
    const { response, settle } = await this.open(ask);
    const text = await response.text();
    await settle();
    return { status: response.status, headers: response.headers, text };
  }

  /** The latest record of the request log. */
  lastRecord(): JsonValue {
    return parseJson(this.log.at(-1) ?? 'null');
  }
}

function requestOf({ method, path = '/v1/chat/completions', headers = {}, body, signal }: Ask): Request {
  const raw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream;
  return new Request(`https://edge.test${path}`, {
    method: method ?? (body === undefined || body === null ? 'GET' : 'POST'),
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined || body === null ? {} : { body: raw ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}
