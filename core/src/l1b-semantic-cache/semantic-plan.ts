import type { RequestContext } from '../pipeline/request-context.ts';

/** What the semantic cache may do for one request. */
export interface SemanticPlan {
  readonly read: boolean;
  /** Whether its question may be found by others, once its answer is stored. */
  readonly index: boolean;
  /** Oldest answer that it takes, in seconds, from the key and from `x-isartor-cache-ttl`. */
  readonly ttlSecs: number | undefined;
}

/** Decides what the semantic cache may do for a request: nothing where either cache is told to keep out of it. */
export function semanticPlan({
  directives,
  principal,
  uncacheable,
}: Pick<RequestContext, 'directives' | 'principal' | 'uncacheable'>): SemanticPlan {
  const ttls = [principal.ttlSecs, directives.ttlSecs].filter((secs) => secs !== undefined);
  const ttlSecs = ttls.length === 0 ? undefined : Math.min(...ttls);
  const may =
    principal.cache === 'both' && uncacheable === undefined && !directives.noStore && !directives.bypass.has('l1b');
  return { read: may && !directives.noCache, index: may, ttlSecs };
}
