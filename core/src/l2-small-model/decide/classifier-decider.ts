import type { RequestContext } from '../../pipeline/request-context.ts';
import { askedText } from './asked-text.ts';
import type { Decider, Decision } from './decider.port.ts';
import { promptFeatures } from './prompt-features.ts';
import { probabilityOf, type RoutingHead } from './routing-head.ts';

/** Decides by what can be seen of a request without asking anybody. */
export class ClassifierDecider implements Decider {
  readonly isFree = true;

  /** @param threshold least probability with which the small model answers */
  constructor(
    private readonly head: RoutingHead,
    private readonly threshold: number,
  ) {}

  decide({ request }: Pick<RequestContext, 'request'>): Promise<Decision | undefined> {
    const probability = probabilityOf(this.head, promptFeatures(askedText(request.body)));
    return Promise.resolve(
      probability === undefined ? undefined : { answers: probability >= this.threshold, probability },
    );
  }
}
