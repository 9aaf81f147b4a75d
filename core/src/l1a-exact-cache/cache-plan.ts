import type { LayerName } from '@isartor/shared';
import type { RequestContext } from '../pipeline/request-context.ts';

/** What of the exact cache's settings bears on a request. */
export interface ExactCacheSettings {
  /** False when this deployment keeps no answers at all. */
  readonly enabled: boolean;
  /** False when answers are kept for the semantic cache alone. */
  readonly answers: boolean;
  readonly ttlSecs: number;
  readonly staleSecs: number;
  /** Whether the key leaves the caller's own user out. */
  readonly shareUsers: boolean;
  /** Layers switched off by this process's own configuration: their stored answers are not served. */
  readonly disabledLayers: readonly LayerName[];
}

/** What the exact cache may do for one request. */
export interface CachePlan {
  readonly read: boolean;
  readonly store: boolean;
  /** Why it does not read; the `why` of `x-isartor-cache: bypass`. */
  readonly why: string | undefined;
  /** Age limit beyond the deployment's own, from the key and from `x-isartor-cache-ttl`. */
  readonly ttlSecs: number | undefined;
}

const NOTHING = { read: false, store: false } as const;

/** What of a request decides its plan. */
export type CacheableRequest = Pick<RequestContext, 'directives' | 'principal' | 'uncacheable'>;

/** Decides what the exact cache may do for a request: the first rule that applies. */
export function cachePlan(context: CacheableRequest, settings: ExactCacheSettings): CachePlan {
  const { directives, principal } = context;
  const ttlSecs = smallest(principal.ttlSecs, directives.ttlSecs);
  const bypass = (why: string): CachePlan => ({ ...NOTHING, why, ttlSecs });

  if (!settings.enabled || principal.cache === 'off') return bypass('off');
  if (directives.noStore) return bypass('no-store');
  if (directives.bypass.has('l1a')) return bypass('bypassed');
  if (context.uncacheable !== undefined) return bypass(context.uncacheable);
  if (directives.noCache) return { read: false, store: true, why: 'no-cache', ttlSecs };
  if (!settings.answers) return { read: false, store: true, why: 'off', ttlSecs };
  return { read: true, store: true, why: undefined, ttlSecs };
}

function smallest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}
