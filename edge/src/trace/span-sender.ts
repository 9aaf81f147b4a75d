import { otlpJson } from './otlp-json.ts';
import type { EndedSpan } from './request-trace.ts';

/** Where spans are sent. */
export interface OtlpSettings {
  /** The collector's path for traces. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the traces that no caller decides about, from 0 to 1. */
  readonly ratio: number;
}

/** Spans that wait; past it they are dropped. Some 1 KB each. */
const MAX_WAITING = 256;
/** So long, spans of several requests are gathered into one call. */
const GATHER_MS = 500;
const SEND_MS = 3_000;
/** After a failure so long nothing is sent: a collector that is away costs no calls. */
const PAUSE_MS = 5_000;

/**
 * Sends spans behind the answers. What outlives a request is plain values, bounded; the call belongs to the request that
 * makes it. A collector that is slow or away costs its spans and nothing else.
 */
export class SpanSender {
  readonly #waiting: EndedSpan[] = [];
  /** When the call that is being gathered will have been made; a request that was ended before it leaves it to the next. */
  #gatheredUntil = 0;
  #pausedUntil = 0;

  constructor(
    private readonly settings: OtlpSettings,
    private readonly now: () => number,
  ) {}

  /** Takes spans; `behind` keeps the work going after the answer. */
  take(spans: readonly EndedSpan[], behind: (work: Promise<void>) => void): void {
    const now = this.now();
    if (spans.length === 0 || now < this.#pausedUntil) return;
    this.#waiting.push(...spans.slice(0, MAX_WAITING - this.#waiting.length));
    if (now < this.#gatheredUntil) return;
    this.#gatheredUntil = now + 2 * GATHER_MS;
    behind(this.#gatherAndSend());
  }

  async #gatherAndSend(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    this.#gatheredUntil = 0;
    const spans = this.#waiting.splice(0);
    const sent = await this.#send(spans).catch(() => false);
    if (!sent) this.#pausedUntil = this.now() + PAUSE_MS;
  }

  async #send(spans: readonly EndedSpan[]): Promise<boolean> {
    const response = await fetch(this.settings.url, {
      method: 'POST',
      headers: { ...this.settings.headers, 'content-type': 'application/json' },
      body: otlpJson(spans),
      redirect: 'manual',
      signal: AbortSignal.timeout(SEND_MS),
    });
    await response.body?.cancel();
    return response.ok;
  }
}
