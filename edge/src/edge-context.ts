import type { Operation, Principal, RouteMatch, StoredEntryMeta, Usage } from '@isartor/shared';
import type { Context, MiddlewareHandler } from 'hono';
import type { CallerBody } from './read-body.ts';
import type { RequestTrace } from './trace/request-trace.ts';
import type { WaitBudget } from './wait-budget.ts';

/**
 * What `x-isartor-edge` says. `error`: Redis did not answer and the request went on. `miss;why=late`: the core had answered
 * before Redis did.
 */
type EdgeVerdict = 'hit' | 'miss' | 'miss;why=late' | 'bypass' | 'error';

/** A route that goes through the layers. */
export type ForwardedRoute = Extract<
  RouteMatch,
  { kind: 'operation' | 'models' | 'model' | 'feedback' | 'explain' | 'usage' }
>;

/** What an answer from the edge's own cache adds to the request log. */
interface Served {
  readonly usage: Usage | null;
  readonly savedUsd: number;
}

/** What one request learns on its way through the layers. */
interface EdgeVariables {
  requestId: string;
  url: URL;
  route: ForwardedRoute;
  /** The caller; `undefined` when it could not be checked here (Redis failed), then only the core can tell. */
  principal: Principal | undefined;
  /** How long this request may still wait for Redis. */
  redisWait: WaitBudget;
  /** The request's body, once a layer has read it. */
  body: CallerBody | undefined;
  edge: EdgeVerdict | undefined;
  /** Aborted when the cache has answered while a core was being asked. */
  answered: AbortSignal | undefined;
  /** What the core says it stored of the answer on its way back, and under which digest. */
  stored: StoredEntryMeta | undefined;
  storedDigest: string | null;
  served: Served | undefined;
  /** Where requests are traced. */
  trace: RequestTrace | undefined;
  /** Milliseconds per layer, for `server-timing`. */
  timings: [name: string, ms: number][];
}

/** The Worker's bindings are read once, in env.ts, so layers see none. */
export interface EdgeEnv {
  Variables: EdgeVariables;
}

export type EdgeRequest = Context<EdgeEnv>;
export type EdgeLayer = MiddlewareHandler<EdgeEnv>;

/** What the layers take from the platform, so that tests can turn the clock and read the log. */
export interface EdgeRuntime {
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Writes one line of the request log. */
  readonly log: (line: string) => void;
}

/** The operation of a request, where its route has one. */
export function operationOf(route: ForwardedRoute | undefined): Operation | undefined {
  return route?.kind === 'operation' ? route.operation : undefined;
}

const NO_QUERY = new URLSearchParams();

/** The request's query; the runtime makes one anew for each URL, and most have none. Not to be changed. */
export function queryOf(c: EdgeRequest): URLSearchParams {
  const url = c.get('url');
  return url.search === '' ? NO_QUERY : url.searchParams;
}
