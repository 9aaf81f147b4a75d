import type { LayerExplainer, LayerExplanation, StoreReading } from '../pipeline/layer-explainer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { RouteTable } from './decide/route-table.ts';
import type { Picked, ReplicaPool, Unavailable } from './replica-pool.ts';
import { standingOf } from './standing.ts';

/** What the explainer goes by; undefined where there is no small model. */
export interface ExplainedSmallModel {
  readonly replaces: readonly string[];
  readonly pool: Pick<ReplicaPool, 'pick'>;
  readonly routes: RouteTable;
}

/** Says what the small model's layer would do, as far as that is known without asking a model. */
export class SmallModelExplainer implements LayerExplainer {
  readonly name = 'l2';

  constructor(private readonly parts: ExplainedSmallModel | undefined) {}

  async explain(context: RequestContext, reading: StoreReading): Promise<LayerExplanation> {
    if (this.parts === undefined) return this.passOn('there is no small model: slm_router.provider is none');
    const { replaces, pool } = this.parts;
    const standing = standingOf(context, replaces, pool);
    switch (standing.kind) {
      case 'none':
        return this.passOn('the small model takes chats only');
      case 'named':
        return this.passOn(`the request names a model that the small one may not stand in for`, {
          replaces: [...replaces],
        });
      case 'passed-over':
        return this.passOn(`the small model is passed over: ${standing.why}`, { route: `l3;why=${standing.why}` });
      case 'wanted': {
        const { picked } = standing;
        const isOff = 'record' in reading && reading.record?.off.includes('l2') === true;
        if (isOff) return this.passOn('the small model is switched off for this tenant', { route: 'l3;why=off' });
        const decider = this.parts.routes.deciderOf(context);
        const isDeclined = decider.isFree && (await decider.decide(context, undefined))?.answers !== true;
        if (isDeclined) return this.passOn('it is decided that the small model does not answer', serverOf(picked));
        if (typeof picked === 'string') {
          return this.passOn(`no server of the pool can be asked: ${picked}`, { route: `l3;why=${picked}` });
        }
        const why = decider.isFree
          ? 'the small model is asked; the quality gate has the last word'
          : 'would ask the probe whether the small model is good enough';
        return { layer: this.name, would: 'ask', why, ...serverOf(picked) };
      }
      default:
        return standing satisfies never;
    }
  }

  private passOn(why: string, details: Readonly<Record<string, string | string[]>> = {}): LayerExplanation {
    return { layer: this.name, would: 'pass on', why, ...details };
  }
}

function serverOf(picked: Picked | Unavailable): Readonly<Record<string, string>> {
  return typeof picked === 'string' ? {} : { provider: picked.replica.backend.name, model: picked.model.name };
}
