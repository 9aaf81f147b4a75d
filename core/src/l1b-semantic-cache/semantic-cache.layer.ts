import { Inject, Injectable } from '@nestjs/common';
import { serveEntry, type StoredEntryMeta } from '@isartor/shared';
import { Metrics } from '../telemetry/metrics.port.ts';
import type { Answer } from '../pipeline/answer.ts';
import { errorName } from '../pipeline/error-name.ts';
import type { Layer, Next } from '../pipeline/layer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { askedBy, type Asking } from './asking.ts';
import { headerOf, whyOf, type Outcome } from './outcome.ts';
import { questionOf } from './question.ts';
import { SemanticLearner } from './semantic-learner.ts';
import type { Asked, SemanticLookup } from './semantic-lookup.ts';
import { semanticPlan, type SemanticPlan } from './semantic-plan.ts';
import { SemanticMode } from './semantic-mode.ts';
import { ShadowLedger } from './shadow/shadow-ledger.port.ts';

/** Token of the lookup. */
export const Lookup = Symbol('SemanticLookup');

/** Lookups off the hot path at a time; one more is not made. */
const MAX_SHADOWS = 64;

/** L1b: the same question was answered before in other words, in the same scope. */
@Injectable()
export class SemanticCacheLayer implements Layer {
  readonly name = 'l1b';
  private shadows = 0;

  constructor(
    @Inject(SemanticMode) private readonly mode: SemanticMode,
    @Inject(Lookup) private readonly lookup: SemanticLookup,
    @Inject(SemanticLearner) private readonly learner: SemanticLearner,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(ShadowLedger) private readonly ledger: ShadowLedger,
  ) {}

  async handle(context: RequestContext, next: Next): Promise<Answer> {
    if (this.mode === 'off') return next();
    const plan = semanticPlan(context);
    if (!plan.index) return next();
    return this.mode === 'serve' ? this.serve(context, plan, next) : this.watch(context, plan, next);
  }

  private async serve(context: RequestContext, plan: SemanticPlan, next: Next): Promise<Answer> {
    const asked = askedBy(context, questionOf(context.request), this.lookup.settings.isVolatile);
    if (asked.kind === 'ineligible') {
      if (plan.read) this.note(context, asked);
      return next();
    }
    if (plan.read) {
      const answer = await this.answer(context, plan, asked);
      if (answer !== undefined) return answer;
    }
    return this.remembering(await next(), context, () => asked);
  }

  /** In the shadow nothing is done before the answer is there: it comes from the next layer, whatever would be found. */
  private async watch(context: RequestContext, plan: SemanticPlan, next: Next): Promise<Answer> {
    if (!this.lookup.isUp) {
      if (plan.read) this.count({ kind: 'unavailable', why: 'down' });
      return next();
    }
    const question = questionOf(context.request);
    const { isVolatile } = this.lookup.settings;
    const answer = await next();
    let asked: Asking | undefined;
    const askedOnce = (): Asking => (asked ??= askedBy(context, question, isVolatile));
    if (plan.read) setImmediate(() => this.shadow(context, plan, askedOnce(), answer));
    return this.remembering(answer, context, askedOnce);
  }

  private async answer(context: RequestContext, plan: SemanticPlan, asked: Asked): Promise<Answer | undefined> {
    const outcome = await this.lookup.find(context, plan, asked);
    this.note(context, outcome);
    if (outcome.kind !== 'hit') return undefined;
    try {
      return hitAnswer(context, outcome);
    } catch (error) {
      // A damaged body: the next layer answers.
      this.note(context, { kind: 'unavailable', why: 'error' });
      context.trail.faults.push(`l1b read: ${errorName(error)}`);
      return undefined;
    }
  }

  private shadow(context: RequestContext, plan: SemanticPlan, asked: Asking, answer: Answer): void {
    if (asked.kind === 'ineligible') {
      this.count(asked);
      return;
    }
    if (this.shadows >= MAX_SHADOWS) {
      this.count({ kind: 'unavailable', why: 'overloaded' });
      return;
    }
    void this.lookInShadow(context, plan, asked, answer);
  }

  private async lookInShadow(context: RequestContext, plan: SemanticPlan, asked: Asked, answer: Answer): Promise<void> {
    this.shadows += 1;
    const outcome = await this.lookup.find(context, plan, asked);
    this.shadows -= 1;
    this.count(outcome);
    this.report(context, asked, outcome, answer);
  }

  /** What would have been served, for the report. What no provider answered is no saving. */
  private report(
    { request, digest: asked }: RequestContext,
    { tenant, text }: Asked,
    outcome: Outcome,
    answer: Answer,
  ): void {
    if (outcome.kind === 'unavailable' || answer.status !== 200) return;
    const model = answer.model ?? request.model ?? 'unknown';
    if (outcome.kind !== 'hit') return this.ledger.record({ tenant, model, hit: undefined });
    const { digest: answered, cosine, probability = null, entry } = outcome;
    const pair = { asked, answered, cosine, probability, texts: { asked: text, answered: outcome.answered } };
    this.ledger.record({ tenant, model, hit: { pair, usage: entry.meta.usage } });
  }

  /** The answer, which others will find by its question as soon as it is stored. */
  private remembering(answer: Answer, context: RequestContext, asking: () => Asking): Answer {
    const { digest } = context;
    const onStored = (meta: StoredEntryMeta): void => {
      const asked = asking();
      if (asked.kind === 'asked' && this.lookup.isUp) this.learner.stored(asked, digest, meta);
    };
    return { ...answer, onStored };
  }

  private note(context: RequestContext, outcome: Outcome): void {
    this.count(outcome);
    if (this.mode !== 'serve') return;
    const { trail } = context;
    trail.semantic = headerOf(outcome);
    if ('cosine' in outcome && outcome.cosine !== undefined) trail.similarity = outcome.cosine;
    if (outcome.kind === 'unavailable' && outcome.why !== 'down') trail.faults.push(`l1b: ${outcome.why}`);
  }

  private count(outcome: Outcome): void {
    this.metrics.semanticEvent(this.mode, outcome.kind, whyOf(outcome));
  }
}

function hitAnswer(context: RequestContext, { entry, digest, ageSecs }: Outcome & { kind: 'hit' }): Answer {
  const { meta } = entry;
  const served = serveEntry(entry, { stream: context.request.stream, includeUsage: context.wantsUsage });
  context.trail.entry = digest;
  return {
    status: meta.status,
    headers: { 'content-type': served.contentType },
    body: { kind: 'bytes', bytes: served.body },
    layer: 'l1b',
    provider: meta.provider,
    model: meta.model,
    usage: meta.usage,
    ageSecs,
    copied: { digest, entry },
  };
}
