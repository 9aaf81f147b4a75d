import { HEADER, HITS_PATH, type Usage } from '@isartor/shared';
import type { EdgeLayer } from './edge-context.ts';

/** What the core is told of requests that were answered here: as in its `usage/edge-hits.ts`. */
interface Hits {
  readonly tenant: string;
  readonly key: string;
  readonly model: string;
  requests: number;
  readonly usage: Record<keyof Usage, number>;
}

/** Keys and models that wait; hits past them are not counted. */
const MAX_WAITING = 256;
/** So long, hits of several requests are gathered into one call. */
const GATHER_MS = 1_000;
const SEND_MS = 3_000;
/** After a failure so long nothing is sent: cores that are away cost no calls. What they were told of is kept meanwhile. */
const PAUSE_MS = 5_000;
/** A core that has no time or no room for it. */
const AGAIN: ReadonlySet<number> = new Set([408, 429]);

/**
 * Tells a core of the hits that the edge answers by itself, behind the answers, so that the hourly counters have them.
 * What outlives a request is plain values, bounded; an isolate that ends takes what it has gathered in its last second
 * with it.
 */
export class HitReports {
  #waiting = new Map<string, Hits>();
  /** When the call that is being gathered will have been made; a request that was ended before it leaves it to the next. */
  #gatheredUntil = 0;

  constructor(
    private readonly coreUrls: readonly string[],
    private readonly edgeSecret: string,
    private readonly now: () => number,
  ) {}

  /** Counts one; `behind` keeps the work going after the answer. */
  take(of: Pick<Hits, 'tenant' | 'key' | 'model'>, usage: Usage, behind: (work: Promise<void>) => void): void {
    this.#add({ ...of, requests: 1, usage: whole(usage) });
    const now = this.now();
    if (now < this.#gatheredUntil) return;
    this.#gatheredUntil = now + 2 * GATHER_MS;
    behind(this.#gatherAndSend());
  }

  #add({ tenant, key, model, requests, usage }: Hits): void {
    const name = JSON.stringify([tenant, key, model]);
    const row = this.#waiting.get(name);
    if (row === undefined) {
      if (this.#waiting.size < MAX_WAITING) this.#waiting.set(name, { tenant, key, model, requests, usage });
      return;
    }
    row.requests += requests;
    for (const count of COUNTS) row.usage[count] += usage[count];
  }

  async #gatherAndSend(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    this.#gatheredUntil = 0;
    const hits = [...this.#waiting.values()];
    this.#waiting = new Map();
    if (hits.length === 0 || (await this.#send(JSON.stringify({ hits })))) return;
    for (const row of hits) this.#add(row);
    this.#gatheredUntil = this.now() + PAUSE_MS;
  }

  /** False: no core has it. One that did not say so in time may have it, and is not told again. */
  async #send(body: string): Promise<boolean> {
    for (const url of this.coreUrls) {
      const told = await this.#tell(url, body);
      if (told) return true;
    }
    return false;
  }

  async #tell(url: string, body: string): Promise<boolean> {
    const signal = AbortSignal.timeout(SEND_MS);
    try {
      const response = await fetch(`${url}${HITS_PATH}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [HEADER.edgeAuth]: this.edgeSecret },
        body,
        redirect: 'manual',
        signal,
      });
      await response.body?.cancel();
      // What it does not take now it never will; else one row would keep back all others.
      return response.status < 500 && !AGAIN.has(response.status);
    } catch {
      return signal.aborted;
    }
  }
}

const COUNTS = ['input', 'output', 'cachedInput', 'cacheWrite', 'cacheWriteLong', 'reasoning'] as const;

function whole(usage: Usage): Hits['usage'] {
  const { input, output, cachedInput = 0, cacheWrite = 0, cacheWriteLong = 0, reasoning = 0 } = usage;
  return { input, output, cachedInput, cacheWrite, cacheWriteLong, reasoning };
}

/** Takes note of every hit of the layers below. */
export function hitReports(reports: HitReports): EdgeLayer {
  return async (c, next) => {
    await next();
    const served = c.get('served');
    const principal = c.get('principal');
    if (served === undefined || principal === undefined || c.get('edge') !== 'hit') return;
    const { tenant, keyName: key } = principal;
    const model = c.res.headers.get(HEADER.model) || 'other';
    const behind = (work: Promise<void>): void => c.executionCtx.waitUntil(work.catch(() => undefined));
    reports.take({ tenant, key, model }, served.usage ?? NO_USAGE, behind);
  };
}

const NO_USAGE: Usage = { input: 0, output: 0 };
