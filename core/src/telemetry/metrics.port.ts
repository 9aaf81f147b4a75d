import type { ErrorCode, LayerName, Operation, Usage } from '@isartor/shared';

/** What a request came to: answered, refused with a 4xx, failed with a 5xx, left by its client, broken on the way out. */
export type RequestOutcome = 'ok' | 'refused' | 'failed' | 'left' | 'broken';

/** What became of a request, in terms that no caller can choose freely. */
export interface MeasuredRequest {
  /** The layer that answered or refused; undefined where none did. */
  readonly layer: LayerName | undefined;
  readonly outcome: RequestOutcome;
  /** Undefined when the request was refused before its operation was known. */
  readonly operation: Operation | undefined;
  /** HTTP status. */
  readonly status: number;
}

/** One call to a model, over. */
export interface MeasuredModelCall {
  /** A configured name, or a kind of server. */
  readonly provider: string;
  readonly operation: Operation;
  /** As it was asked for: maybe the caller's own word. */
  readonly model: string;
  /** Until the end of its answer. */
  readonly seconds: number;
  /** Null where the model said nothing of it. */
  readonly usage: Usage | null;
  /** A code or a status; undefined: it answered. */
  readonly error: string | undefined;
}

/** What has a size of its own. */
export type ObservedSize =
  'requests-in-flight' | 'bytes-in-flight' | 'cache-entries' | 'cache-bytes' | 'vectors' | 'embedding-queue';

/** What an answer spared: of l1a, l1b or l2, and of l3 where it was shared with the request that led. */
export interface Saving {
  readonly layer: LayerName;
  /** US dollars by the price list; 0 where the model has no price. */
  readonly usd: number;
  /** What no paid model had to read and write. */
  readonly usage: Usage;
}

/** What a call to a provider cost. */
export interface Spending {
  readonly layer: 'l3';
  /** A configured name. */
  readonly provider: string;
  /** As it was asked for: maybe the caller's own word. */
  readonly model: string;
  /** US dollars by the price list. */
  readonly usd: number;
}

/** What the exact cache did. */
export const CACHE_EVENTS = ['hit', 'miss', 'stale', 'coalesced', 'bypass', 'stored', 'error'] as const;
export type CacheEvent = (typeof CACHE_EVENTS)[number];

/** What the semantic cache did; in `shadow`, what it would have done. */
export type SemanticEvent =
  'hit' | 'below-threshold' | 'guarded' | 'ineligible' | 'unavailable' | 'indexed' | 'noted' | 'error';

/** What a caller's report of a wrong answer came to; `renewed`: with a new epoch, since the list was full. */
export type FeedbackOutcome = 'quarantined' | 'repeated' | 'renewed' | 'unknown' | 'limited' | 'unconfirmed';

/** The least cosine of a semantic hit: the one in force, and the one that the embedder is calibrated for. */
export type SemanticThreshold = 'configured' | 'calibrated';

/** Splits a value of `x-isartor-cache` into event and reason; undefined where it is none that is counted. */
export function readCacheEvent(value: string): { event: CacheEvent; why: string | undefined } | undefined {
  const [word, why] = value.split(';why=', 2);
  const event = CACHE_EVENTS.find((known) => known === word);
  return event === undefined ? undefined : { event, why };
}

/** How a breaker stands: it lets all through, nothing, or a probe. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** How much the small model is wanted, answered by it or not; of the last minute. */
export interface SmallModelDemand {
  /** Most requests at one time. */
  pending(): number;
  /** Requests altogether. */
  wanted(): number;
}

/**
 * Where figures go. Nothing here throws, blocks or keeps what a caller wrote: a label that is not of a known set counts
 * as `other`.
 */
export interface Metrics {
  /** A request is over, `seconds` after it came. */
  request(request: MeasuredRequest, seconds: number): void;
  /** A layer worked on a request for `seconds`, the layers below it taken off. */
  layer(name: LayerName, seconds: number): void;
  /** `why` as in `x-isartor-cache`; for `error` the action that failed (`read`, `write`). */
  cacheEvent(event: CacheEvent, why?: string): void;
  /** `mode` as configured; `why`: a guard rule, a reason of ineligibility, or what was not available. */
  semanticEvent(mode: string, event: SemanticEvent, why?: string): void;
  /** Tells where to read a threshold; undefined: there is none. */
  observeSemanticThreshold(kind: SemanticThreshold, read: () => number | undefined): void;
  /** The small model's layer decided: `route` and `why` as in `x-isartor-route`. */
  smallModelRoute(route: string, why?: string): void;
  /** A server of the pool does not serve the configured model, and its only one stands in. */
  smallModelFallback(): void;
  /**
   * The small model answered, off the hot path, what `model` had answered in the cloud; `comparison` says how far the two
   * agree, or why that is not known.
   */
  smallModelAgreement(model: string, comparison: string): void;
  /** How sure the small model was of such an answer, from 0 to 1. */
  smallModelConfidence(agreement: string, confidence: number): void;
  /** Tells where to read how much the small model is wanted; asked at each scrape. */
  observeSmallModel(demand: SmallModelDemand): void;
  /** A caller reported a stored answer as wrong. */
  feedback(outcome: FeedbackOutcome): void;
  /** A call to a model is over. */
  modelCall(call: MeasuredModelCall): void;
  /** A request cost nothing that would have cost something. */
  saved(saving: Saving): void;
  /** A call to a provider was paid for. */
  spent(spending: Spending): void;
  /** One of several keys of a provider rests. All three are of the configuration, or of a closed set. */
  keyRested(provider: string, key: string, why: string): void;
  /** Tells where to read how many keys of a provider may be asked with. */
  observeKeys(provider: string, ready: () => number): void;
  error(code: ErrorCode): void;
  /** A call to a provider is made again. `provider` is a configured name. */
  retry(provider: string): void;
  /** A breaker changed its state. `name` is a configured name or an adapter's own. */
  breaker(name: string, state: BreakerState): void;
  /** What a breaker watched is gone, and with it the figure of its state. */
  breakerGone(name: string): void;
  /** Tells where to read how large something is; asked at each reading. */
  observeSize(size: ObservedSize, read: () => number): void;
}

/** Token of the metrics in use. */
export const Metrics = Symbol('Metrics');

const nothing = (): void => undefined;

/** Counts nothing. */
export const NO_METRICS: Metrics = {
  request: nothing,
  layer: nothing,
  cacheEvent: nothing,
  semanticEvent: nothing,
  observeSemanticThreshold: nothing,
  smallModelRoute: nothing,
  smallModelFallback: nothing,
  smallModelAgreement: nothing,
  smallModelConfidence: nothing,
  observeSmallModel: nothing,
  feedback: nothing,
  modelCall: nothing,
  saved: nothing,
  spent: nothing,
  keyRested: nothing,
  observeKeys: nothing,
  error: nothing,
  retry: nothing,
  breaker: nothing,
  breakerGone: nothing,
  observeSize: nothing,
};
