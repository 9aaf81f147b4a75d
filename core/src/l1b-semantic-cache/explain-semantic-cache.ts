import type { JsonObject, JsonValue } from '@isartor/shared';
import type { LayerExplainer, LayerExplanation, StoreReading } from '../pipeline/layer-explainer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { askedBy } from './asking.ts';
import { EmbedderError } from './embedder.port.ts';
import { headerOf, type Outcome } from './outcome.ts';
import { questionOf } from './question.ts';
import type { Asked, PairVerdict, SemanticLookup } from './semantic-lookup.ts';
import type { SemanticMode } from './semantic-mode.ts';
import { semanticPlan, type SemanticPlan } from './semantic-plan.ts';
import { verifyHit } from './verifier/verify-hit.ts';

const NO_CACHE = 'this deployment keeps no semantic cache';
const IS_DOWN = { embedder: 'the embedder is down', index: 'the vector index is down' } as const;
const NOT_ASKED = 'the embedding server is another process, and is asked only for the sake of an answer';

/** Says what the semantic cache would do, and what its verifier makes of two questions. */
export class SemanticCacheExplainer implements LayerExplainer {
  readonly name = 'l1b';

  constructor(
    private readonly mode: SemanticMode,
    private readonly lookup: SemanticLookup,
  ) {}

  async explain(context: RequestContext, reading: StoreReading): Promise<LayerExplanation> {
    const { mode } = this;
    if (mode === 'off') return this.passOn(NO_CACHE, { mode });
    const plan = semanticPlan(context);
    if (!plan.index) return this.passOn(`the semantic cache is left out: ${whyLeftOut(context)}`, { mode });
    const asked = askedBy(context, questionOf(context.request), this.lookup.settings.isVolatile);
    if (asked.kind === 'ineligible') {
      const semantic = headerOf(asked);
      return this.passOn(`the question is not looked up: ${asked.why}`, { mode, eligible: false, semantic });
    }
    const { threshold, point } = this.lookup.settings;
    const details = {
      mode,
      eligible: true,
      scope: asked.scope,
      embedder: this.lookup.maker.name,
      threshold,
      point,
      may_read: plan.read,
    };
    if (!plan.read) return this.passOn('the question is indexed, and not looked up: no-cache', details);
    if (this.lookup.maker.asksOutside === true) {
      return { layer: this.name, would: mode === 'serve' ? 'ask' : 'pass on', why: NOT_ASKED, ...details };
    }
    return this.lookUp(context, plan, { asked, reading, details });
  }

  /** Both requests of one tenant, as explained. */
  async compare(one: RequestContext, other: RequestContext): Promise<JsonObject> {
    const { isVolatile } = this.lookup.settings;
    const a = askedBy(one, questionOf(one.request), isVolatile);
    const b = askedBy(other, questionOf(other.request), isVolatile);
    if (a.kind === 'ineligible') return { comparable: false, why: `the first is ${headerOf(a)}` };
    if (b.kind === 'ineligible') return { comparable: false, why: `the other is ${headerOf(b)}` };
    const shared = { comparable: true, same_scope: a.scope === b.scope };
    // Whatever the vectors say: the rules read the texts alone.
    const rules = toldVerdict(verifyHit({ asked: a.text, answered: b.text, cosine: 1, threshold: 0 }));
    const why = this.whyNotWeighed();
    if (why !== undefined) return { ...shared, rules, verifier: null, why };
    return { ...shared, rules, ...(await this.weigh(a.text, b.text)) };
  }

  /** Two texts are weighed without any index. */
  private whyNotWeighed(): string | undefined {
    if (this.mode === 'off') return NO_CACHE;
    if (this.lookup.maker.asksOutside === true) return NOT_ASKED;
    return this.lookup.down === 'embedder' ? IS_DOWN.embedder : undefined;
  }

  private async weigh(asked: string, answered: string): Promise<JsonObject> {
    try {
      const comparison = await this.lookup.compare(asked, answered);
      if (comparison.kind === 'unrepresentable') return { verifier: null, why: comparison.why };
      const { threshold, point } = this.lookup.settings;
      const { cosine, verdict } = comparison;
      return { verifier: { cosine: rounded(cosine), threshold, point, ...toldVerdict(verdict) } };
    } catch (error) {
      return { verifier: null, why: error instanceof EmbedderError ? error.fault : 'error' };
    }
  }

  private async lookUp(
    context: RequestContext,
    plan: SemanticPlan,
    {
      asked,
      reading,
      details,
    }: { readonly asked: Asked; readonly reading: StoreReading; readonly details: JsonObject },
  ): Promise<LayerExplanation> {
    if ('fault' in reading || reading.record === undefined) {
      const why = 'fault' in reading ? 'the store of answers cannot be read' : 'nothing of this tenant is stored yet';
      return this.passOn(why, details);
    }
    const { down } = this.lookup;
    if (down !== undefined) return this.passOn(IS_DOWN[down], { ...details, semantic: 'unavailable' });
    const outcome = await this.lookup.find(context, plan, asked, false);
    const found = { ...details, semantic: headerOf(outcome), ...near(outcome) };
    if (outcome.kind !== 'hit')
      return this.passOn(`no answer to a question that means the same: ${headerOf(outcome)}`, found);
    const hit = { ...found, source: outcome.digest, age_secs: outcome.ageSecs };
    if (this.mode === 'shadow')
      return this.passOn('a question that means the same was answered; in shadow it is counted, not served', hit);
    return { layer: this.name, would: 'answer', why: 'a question that means the same was answered', ...hit };
  }

  private passOn(why: string, details: JsonObject): LayerExplanation {
    return { layer: this.name, would: 'pass on', why, ...details };
  }
}

function whyLeftOut({ uncacheable, directives, principal }: RequestContext): string {
  if (principal.cache !== 'both') return `the key's cache is ${principal.cache}`;
  if (uncacheable !== undefined) return uncacheable;
  return directives.noStore ? 'no-store' : 'bypassed';
}

function near(outcome: Outcome): Record<string, JsonValue> {
  return 'cosine' in outcome && outcome.cosine !== undefined ? { similarity: rounded(outcome.cosine) } : {};
}

/** `difference` quotes single words of the two texts, which both are the asking caller's own. */
function toldVerdict(verdict: PairVerdict): JsonObject {
  const { verdict: word } = verdict;
  if (verdict.verdict === 'guarded') return { verdict: word, rule: verdict.rule, difference: verdict.difference };
  const probability = 'probability' in verdict ? verdict.probability : undefined;
  return probability === undefined ? { verdict: word } : { verdict: word, probability: rounded(probability) };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
