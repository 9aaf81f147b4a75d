import { SKIPPABLE_LAYERS, type CachePolicy, type Principal } from '@isartor/shared';
import { isAbout, type ModelRoute } from '../../config/model-route-list-type.ts';
import { AUTO_MODEL } from '../../upstream/prepare-call.ts';

/** Names that were looked up: few answer most requests. */
const MAX_KNOWN = 256;
const MAX_KNOWN_LENGTH = 256;
const STRICTEST_FIRST: readonly CachePolicy[] = ['off', 'exact', 'both'];

/** Which route a model takes. */
export class ModelRoutes {
  private readonly known = new Map<string, ModelRoute | undefined>();

  constructor(private readonly routes: readonly ModelRoute[]) {}

  get all(): readonly ModelRoute[] {
    return this.routes;
  }

  /** Names that are routes and no patterns, and the provider that each asks first. */
  get aliases(): readonly (readonly [model: string, provider: string])[] {
    return this.routes.flatMap(({ model, to }) =>
      model.includes('*') || to[0] === undefined ? [] : [[model, to[0].provider] as const],
    );
  }

  /** The first that is about the model; undefined: the chain of all providers. */
  of(asked: string | undefined): ModelRoute | undefined {
    if (this.routes.length === 0) return undefined;
    const model = asked ?? AUTO_MODEL;
    if (this.known.has(model)) return this.known.get(model);
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    const route = this.routes.find((one) => isAbout(one.model, model));
    // What the path of a request names may be much longer than a name.
    if (model.length <= MAX_KNOWN_LENGTH) this.known.set(model, route);
    return route;
  }

  /** What a caller may have of the caches and the layers for a model: what its key allows and its route does. */
  narrowed(principal: Principal, asked: string | undefined): Principal {
    const route = this.of(asked);
    if (route === undefined) return principal;
    const { cache = principal.cache, cacheTtlSecs, skip } = route;
    if (cache === principal.cache && cacheTtlSecs === undefined && skip.length === 0) return principal;
    const policies = [cache, principal.cache];
    return {
      ...principal,
      cache: STRICTEST_FIRST.find((policy) => policies.includes(policy)) ?? 'off',
      ttlSecs: smaller(cacheTtlSecs, principal.ttlSecs),
      layers: skip.length === 0 ? principal.layers : layersWithout(principal, skip),
    };
  }
}

function layersWithout({ layers }: Principal, skip: ModelRoute['skip']): NonNullable<Principal['layers']> {
  return (layers ?? [...SKIPPABLE_LAYERS, 'l3']).filter((layer) => !skip.some((name) => name === layer));
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
