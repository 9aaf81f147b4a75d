import type { JsonObject, JsonValue } from '@isartor/shared';
import type { ExactCacheStore } from '../l1a-exact-cache/exact-cache-store.port.ts';
import type { SemanticCacheExplainer } from '../l1b-semantic-cache/explain-semantic-cache.ts';
import type { LayerExplainer, LayerExplanation, StoreReading } from '../pipeline/layer-explainer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { faultCode } from '../redis/redis-fault.ts';
import type { ExplainRequest } from './explain-request.ts';
import type { StandaloneRequest } from '../http/standalone-context.ts';
import { understand, type Asker, type ExplainSettings } from './explained-request.ts';
import { firstDifference } from './first-difference.ts';
import { keyParts, PART_NAMES } from './key-parts.ts';

/** Told with every explanation: what this route does not do. */
const NOTE =
  'Nothing was sent to a provider, a small model or an embedding server; nothing was stored and nothing counted.';

/** What explanations are made of. */
export interface ExplainParts {
  readonly settings: ExplainSettings;
  readonly store: Pick<ExactCacheStore, 'peek'>;
  readonly semantic: SemanticCacheExplainer;
  /** In the order in which a request asks the layers, `semantic` among them. */
  readonly layers: readonly LayerExplainer[];
}

/** Says what each layer would do with a request of the caller's, and why. */
export class Explain {
  constructor(private readonly parts: ExplainParts) {}

  /** Throws GatewayError for a request that would be refused. */
  async explain({ request, other }: ExplainRequest, asker: Asker): Promise<JsonObject> {
    const one = understand(request, '', this.parts.settings, asker);
    const two = other === undefined ? undefined : understand(other, 'other.', this.parts.settings, asker);
    const layers = await this.layersOf(one.context);
    return {
      tenant: asker.principal.tenant,
      key: asker.principal.keyName,
      ...told(one),
      answer_from: layers.find(({ would }) => would !== 'pass on')?.layer ?? null,
      layers: layers as readonly JsonObject[],
      ...(two === undefined ? {} : { other: told(two), pair: await this.pair(one, two) }),
      note: NOTE,
    };
  }

  private async layersOf(context: RequestContext): Promise<readonly LayerExplanation[]> {
    const { keyName, tenant, layers: allowed } = context.principal;
    const l0: LayerExplanation = {
      layer: 'l0',
      would: 'pass on',
      why: `the key ${keyName} is of the tenant ${tenant}`,
    };
    const reading = await this.read(context);
    const explained: LayerExplanation[] = [];
    for (const layer of this.parts.layers) {
      explained.push(
        allowed === undefined || allowed.includes(layer.name)
          ? await layer.explain(context, reading)
          : notAllowed(layer),
      );
    }
    return [l0, ...explained];
  }

  private async read({ principal, digest }: RequestContext): Promise<StoreReading> {
    try {
      return await this.parts.store.peek(principal.tenant, digest);
    } catch (error) {
      return { fault: faultCode(error) };
    }
  }

  private async pair(one: StandaloneRequest, two: StandaloneRequest): Promise<JsonObject> {
    return {
      same_key: one.context.digest === two.context.digest,
      first_difference: differenceOf(one.envelope, two.envelope),
      l1b: await this.parts.semantic.compare(one.context, two.context),
    };
  }
}

function told({ context, envelope }: StandaloneRequest): JsonObject {
  const { operation, request, digest, uncacheable } = context;
  return {
    operation,
    model: request.model ?? null,
    stream: request.stream,
    cacheable: uncacheable === undefined ? { verdict: true } : { verdict: false, rule: uncacheable },
    cache_key: { digest, parts: keyParts(envelope, request) },
  };
}

function notAllowed({ name }: LayerExplainer): LayerExplanation {
  const why = 'the key may not use this layer';
  return { layer: name, would: name === 'l3' ? 'refuse' : 'pass on', why };
}

/** The first part of the keys that differs, and where in it. */
function differenceOf(one: readonly JsonValue[], two: readonly JsonValue[]): JsonObject | null {
  for (const [at, part] of PART_NAMES.entries()) {
    const difference = firstDifference(one[at], two[at]);
    if (difference !== undefined) return { part, ...difference };
  }
  return null;
}
