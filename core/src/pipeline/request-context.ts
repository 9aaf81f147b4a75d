import type {
  CacheDirectives,
  HeaderReader,
  LayerName,
  Operation,
  ParsedRequest,
  Principal,
  Usage,
} from '@isartor/shared';

/** What layers learn on the way, for headers and the request log. Layers write it; the HTTP surface reads it. */
export interface Trail {
  /** The value of `x-isartor-cache`; absent when no exact cache was asked. */
  cache?: string;
  /** The value of `x-isartor-semantic`; absent when no semantic cache was asked. */
  semantic?: string;
  /** Cosine of the nearest question, of a semantic hit or near miss. */
  similarity?: number;
  /** Digest of the entry served or stored under. */
  entry?: string;
  /** Milliseconds spent in each layer itself, in the order they ran. */
  readonly timings: { layer: LayerName; ms: number }[];
  /** The value of `x-isartor-route`; absent when there was nothing to decide about the small model. */
  route?: string;
  /** What the model that was asked last says it used, once its answer is over; null where it says nothing. */
  usage?: Usage | null;
  /** Calls made to providers. */
  attempts?: number;
  /** Faults that did not fail the request ("redis: timeout"), for the log. */
  readonly faults: string[];
}

/** One request on its way through the layers. */
export interface RequestContext {
  readonly id: string;
  readonly principal: Principal;
  readonly operation: Operation;
  /** The request as parsed; of a body over 1 MiB only the bytes and small facts are kept (see reduceBody). */
  readonly request: ParsedRequest;
  readonly directives: CacheDirectives;
  /** The rule that keeps this request out of every cache, if any. */
  readonly uncacheable: string | undefined;
  /** Hex SHA-256 of the canonical [tenant, envelope]. */
  readonly digest: string;
  readonly header: HeaderReader;
  /** The client's headers as received: name, value, name, value … */
  readonly rawHeaders: readonly string[];
  /** Query for the provider: '' or '?…'. */
  readonly upstreamQuery: string;
  /** The client asked for the usage chunk of a stream. */
  readonly wantsUsage: boolean;
  /** Aborted when the client has gone or the process gives up on the request. */
  readonly signal: AbortSignal;
  /** When a model was first asked for it, as `performance.now()` tells; absent: none was, and no time is spent yet. */
  readonly modelAskedAtMs?: number | undefined;
  readonly trail: Trail;
  /**
   * Holds memory in the gateway's budget, in bytes, for what is made of the body; what comes back gives it up. Throws a
   * GatewayError `overloaded` where there is no room for it.
   */
  readonly hold: (bytes: number) => () => void;
}
