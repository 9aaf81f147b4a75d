import type { LayerExplainer, LayerExplanation } from '../pipeline/layer-explainer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { FallbackChain } from './fallback-chain.ts';

/** Says whom the cloud layer would ask. */
export class CloudExplainer implements LayerExplainer {
  readonly name = 'l3';

  constructor(private readonly chain: FallbackChain) {}

  explain({ request, operation }: RequestContext): Promise<LayerExplanation> {
    const providers = this.chain.plan(request.model, operation);
    const isDrawn = providers.some(({ weight }) => weight > 0);
    const order = isDrawn ? 'the first is drawn by weight, then as listed' : 'as listed';
    const why = 'the providers are asked in this order until one answers; one whose breaker is open is passed over';
    return Promise.resolve({ layer: this.name, would: 'ask', why, order, providers: [...providers] });
  }
}
