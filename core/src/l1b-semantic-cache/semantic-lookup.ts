import { judgeEntry, skippedLayers, type LayerName, type StoredEntryMeta, type TenantRecord } from '@isartor/shared';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { StandIns } from '../pipeline/stand-ins.ts';
import type { AnswerStore } from './answer-store.port.ts';
import { EmbedderError, type Embedder, type Embedding, type UnrepresentableReason } from './embedder.port.ts';
import { cosineOf, isOneReading, isOneVector } from './one-reading.ts';
import type { Outcome } from './outcome.ts';
import type { SemanticPlan } from './semantic-plan.ts';
import type { Neighbour, Partition, VectorIndex } from './vector-index.port.ts';
import type { VolatileRule } from './volatile.ts';
import { areWrittenAlike, verifyHit, type Candidate, type Verdict } from './verifier/verify-hit.ts';

/** Candidates looked at: the nearest may be the one that must not be served. */
const CANDIDATES = 5;
/** Longest wait for the vector of a question that is learnt, in ms: nobody waits for it, and a model may have to load first. */
const LEARN_MS = 10_000;

/** What decides a lookup. */
export interface SemanticLookupSettings {
  readonly policy: string;
  /** Answers under whose policies are as good as those under ours; absent: nobody's. */
  readonly standIns?: StandIns | undefined;
  readonly ttlSecs: number;
  /** Least cosine of a hit. */
  readonly threshold: number;
  /** How probable a hit must be, where the embedder is calibrated. */
  readonly point: 'strict' | 'balanced' | 'loose';
  /** Longest wait for the vectors of one lookup, in ms: an answer that took longer would not have been worth it. */
  readonly embedMs: number;
  /** Layers switched off by this process's own configuration, this one not among them. */
  readonly disabledLayers: readonly LayerName[];
  /** Which questions are neither looked up nor learnt, since they have another answer tomorrow. */
  readonly isVolatile: VolatileRule;
}

/** What is looked up: a question in its scope. */
export interface Asked {
  readonly tenant: string;
  readonly text: string;
  readonly scope: string;
}

/** A verdict on a pair; `indistinct`: the model reads both alike, and they are not written alike. */
export type PairVerdict = Verdict | { readonly verdict: 'indistinct' | 'unweighable' };

/** What the verifier makes of two questions. */
export type Comparison =
  | { readonly kind: 'compared'; readonly cosine: number; readonly verdict: PairVerdict }
  | { readonly kind: 'unrepresentable'; readonly why: UnrepresentableReason };

type Represented = Embedding & { readonly kind: 'vector' };

/** The embedding of a text, while there is time for it. */
type Embed = (text: string) => Promise<Embedding>;

/** What a search came to. */
interface Proposal {
  readonly asked: Asked;
  readonly partition: Partition;
  readonly neighbours: readonly Neighbour[];
  /** Of the question that is asked. */
  readonly embedding: Represented;
  readonly tidies: boolean;
  readonly embed: Embed;
}

/** The way from a question to an answer that was given to another one, or to the reason why there is none. */
export class SemanticLookup {
  readonly settings: SemanticLookupSettings;
  private readonly embedder: Embedder;
  private readonly index: VectorIndex;
  private readonly store: AnswerStore;
  private readonly nowMs: () => number;

  /** `nowMs`: unix milliseconds. */
  constructor(
    embedder: Embedder,
    index: VectorIndex,
    store: AnswerStore,
    settings: SemanticLookupSettings,
    nowMs: () => number = Date.now,
  ) {
    this.embedder = embedder;
    this.index = index;
    this.store = store;
    this.settings = settings;
    this.nowMs = nowMs;
  }

  /** Begins to load and to connect; never waits for it. @param awaited whether requests will wait for lookups */
  start(awaited: boolean): void {
    // The verifier's tables are read on first use: now rather than while a request waits; where none does, not before
    // there is something to verify.
    if (awaited) verifyHit({ asked: 'a', answered: 'b', cosine: 1, threshold: 0 });
    this.embedder.start();
    // Without an embedder nothing is ever looked up there: no connection is held for it.
    if (this.embedder.health().status !== 'down') this.index.start();
  }

  async close(): Promise<void> {
    await Promise.all([this.embedder.close(), this.index.close()]);
  }

  /** Least cosine of a hit that the embedder is calibrated for; undefined: there is none. */
  get calibrated(): number | undefined {
    return this.embedder.threshold;
  }

  /** How many hits at the operating point were wrong where they were read, as parts of 1; undefined: none were. */
  get measuredWrong(): { readonly share: number; readonly upper: number } | undefined {
    const { calibration } = this.embedder;
    const { point } = this.settings;
    if (calibration?.wrong === undefined || calibration.wrongUpper === undefined) return undefined;
    return { share: calibration.wrong[point], upper: calibration.wrongUpper[point] };
  }

  /** Whether it is worth asking at all. */
  get isUp(): boolean {
    return this.down === undefined;
  }

  /** The part for want of which nothing is looked up. */
  get down(): 'embedder' | 'index' | undefined {
    if (this.embedder.health().status === 'down') return 'embedder';
    return this.index.isUp ? undefined : 'index';
  }

  /** What makes the vectors. */
  get maker(): Pick<Embedder, 'name' | 'asksOutside'> {
    return this.embedder;
  }

  /**
   * Never throws: whatever is down, the request goes on to the next layer. `tidies`: whether a question whose answer is
   * gone is taken out of the index.
   */
  async find(context: RequestContext, plan: SemanticPlan, asked: Asked, tidies = true): Promise<Outcome> {
    if (!this.isUp) return { kind: 'unavailable', why: 'down' };
    try {
      const { tenant } = context.principal;
      const embed = this.withinEmbedMs();
      const [embedding, { record }] = await Promise.all([embed(asked.text), this.store.read(tenant, undefined)]);
      if (embedding.kind === 'unrepresentable') return { kind: 'ineligible', why: embedding.why };
      if (record === undefined) return { kind: 'unavailable', why: 'record' };
      if (record.off.includes('l1b')) return { kind: 'unavailable', why: 'off' };
      const partition = this.partitionOf(asked, record.epoch);
      const neighbours = await this.index.search(partition, embedding.vector, CANDIDATES);
      return await this.judge(context, plan, { asked, partition, neighbours, embedding, embed, tidies });
    } catch (error) {
      return { kind: 'unavailable', why: error instanceof EmbedderError ? error.fault : 'error' };
    }
  }

  /**
   * Lets others find a question whose answer was stored. Throws EmbedderError, or what the index throws. A question
   * that cannot be represented is passed over.
   */
  async remember(asked: Asked, digest: string, meta: StoredEntryMeta): Promise<'indexed' | undefined> {
    const embedding = await this.embedder.embed(asked.text, LEARN_MS);
    if (embedding.kind === 'unrepresentable') return undefined;
    const question = { digest, text: asked.text, expiresAt: meta.freshUntil };
    await this.index.add(this.partitionOf(asked, meta.epoch), embedding.vector, question);
    return 'indexed';
  }

  /** Notes that a question was asked; whether it had been before, by any process that shares the index. Throws as it does. */
  note(asked: Asked, digest: string, meta: StoredEntryMeta): Promise<boolean> {
    return this.index.note(this.partitionOf(asked, meta.epoch), { digest, expiresAt: meta.freshUntil });
  }

  /** What the verifier makes of two questions, whatever is stored. Throws EmbedderError. */
  async compare(asked: string, answered: string): Promise<Comparison> {
    const embed = this.withinEmbedMs();
    const [a, b] = await Promise.all([embed(asked), embed(answered)]);
    if (a.kind === 'unrepresentable') return a;
    if (b.kind === 'unrepresentable') return b;
    const cosine = cosineOf(a.vector, b.vector);
    const { threshold } = this.settings;
    return {
      kind: 'compared',
      cosine,
      verdict: await this.verdictOn({ asked, answered, cosine, threshold }, a, embed),
    };
  }

  /** Embeds for one lookup, whose texts have one time for all of their vectors. */
  private withinEmbedMs(): Embed {
    const until = performance.now() + this.settings.embedMs;
    return async (text) => {
      const leftMs = until - performance.now();
      if (leftMs <= 0) throw new EmbedderError('timeout', 'The time for embeddings is over.');
      return this.embedder.embed(text, Math.ceil(leftMs));
    };
  }

  private partitionOf({ tenant, scope }: Asked, epoch: string): Partition {
    return { tenant, scope: `${this.embedder.name} ${scope}`, epoch, policy: this.settings.policy };
  }

  private async judge(
    context: RequestContext,
    plan: SemanticPlan,
    { asked, partition, neighbours, embedding, embed, tidies }: Proposal,
  ): Promise<Outcome> {
    const { threshold } = this.settings;
    let missed: Outcome = { kind: 'below-threshold', cosine: neighbours[0]?.cosine };
    for (const { digest, text, cosine } of neighbours) {
      // The request's own entry was looked at by the exact cache.
      if (digest === context.digest) continue;
      if (!(cosine >= threshold)) return missed;
      const verdict = await this.verdictOn({ asked: asked.text, answered: text, cosine, threshold }, embedding, embed);
      const rule = ruleOf(verdict);
      if (rule !== undefined) {
        if (missed.kind === 'below-threshold') missed = { kind: 'guarded', rule, cosine };
        continue;
      }
      // Mostly the first is the last: reading all five at once would be four reads for nothing.
      const found = await this.answerOf(context, plan, digest);
      if (found === 'gone') {
        if (tidies) await this.index.remove(partition, { digest, text });
      } else if (found !== 'refused') {
        const probability = 'probability' in verdict ? verdict.probability : undefined;
        return { kind: 'hit', cosine, digest, answered: text, probability, ...found };
      }
    }
    return missed;
  }

  /** The cheap rules first; then whether the model tells the two apart, and what the tokens of both say. */
  private async verdictOn(candidate: Candidate, asked: Represented, embed: Embed): Promise<PairVerdict> {
    const byRules = verifyHit(candidate);
    if (byRules.verdict !== 'hit' || areWrittenAlike(candidate.asked, candidate.answered)) return byRules;
    // Of the text once more: an index may keep rounded vectors, by whose cosine two texts are hardly ever one.
    const answered = await embed(candidate.answered);
    if (answered.kind !== 'vector') return { verdict: 'unweighable' };
    // Two texts that the model reads alike are no evidence that they mean the same.
    if (isOneReading(asked, answered)) return { verdict: 'indistinct' };
    const { calibration } = this.embedder;
    if (calibration === undefined || asked.tokens === undefined) {
      return isOneVector(asked, answered) ? { verdict: 'indistinct' } : byRules;
    }
    if (answered.tokens === undefined) return { verdict: 'unweighable' };
    const { head, points } = calibration;
    const evidence = { asked: asked.tokens, answered: answered.tokens, head, least: points[this.settings.point] };
    return verifyHit({ ...candidate, evidence });
  }

  /** The entry, where it may answer this request; read with a record as new as itself. */
  private async answerOf(context: RequestContext, plan: SemanticPlan, digest: string) {
    const { record, entry } = await this.store.read(context.principal.tenant, digest);
    if (entry === undefined) return 'gone';
    const { meta } = entry;
    // A copy is never a source: it was judged like its source once, not the same as it.
    if (meta.source !== null || meta.operation !== context.operation) return 'refused';
    const judgement = judgeEntry(meta, this.viewOf(context, plan, digest, record));
    return judgement.verdict === 'hit' ? { entry, ageSecs: judgement.ageSecs } : 'refused';
  }

  private viewOf(context: RequestContext, plan: SemanticPlan, digest: string, record: TenantRecord | undefined) {
    const { policy, standIns, ttlSecs, disabledLayers } = this.settings;
    return {
      now: this.nowMs(),
      digest,
      record,
      policy,
      standIns,
      maxTtlSecs: ttlSecs,
      requestTtlSecs: plan.ttlSecs,
      skipped: skippedLayers(context.principal, context.directives, disabledLayers),
      wantsStream: context.request.stream,
      wantsUsage: context.wantsUsage,
      reader: 'l1b',
    } as const;
  }
}

/** The rule that keeps a candidate from being a hit; undefined where it is one. */
function ruleOf(verdict: PairVerdict): string | undefined {
  switch (verdict.verdict) {
    case 'hit':
      return undefined;
    case 'guarded':
      return verdict.rule;
    case 'below-threshold':
    case 'improbable':
    case 'indistinct':
      return verdict.verdict;
    case 'unweighable':
      return 'improbable';
    default:
      return verdict satisfies never;
  }
}
