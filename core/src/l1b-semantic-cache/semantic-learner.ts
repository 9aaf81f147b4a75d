import type { StoredEntryMeta } from '@isartor/shared';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from '../pipeline/request-context.ts';
import type { Metrics, SemanticEvent } from '../telemetry/metrics.port.ts';
import { askedBy } from './asking.ts';
import { EmbedderError } from './embedder.port.ts';
import { questionOf } from './question.ts';
import type { Asked, SemanticLookup } from './semantic-lookup.ts';
import { semanticPlan } from './semantic-plan.ts';

/** Questions learnt at a time; one more is not, which is counted. */
const MAX_LEARNING = 64;
/** A question that is asked again and again is admitted again now and then: the index may have lost it. */
const ADMIT_EVERY_MS = 60_000;
const MAX_ADMITTED = 4_096;

/** Lets others find the questions whose answers are stored, off the hot path. */
export class SemanticLearner {
  private learning = 0;
  private admitted: LRUCache<string, true> | undefined;

  /** @param repeatedOnly whether a question may be found only once it was asked a second time */
  constructor(
    private readonly lookup: SemanticLookup,
    private readonly mode: string,
    private readonly metrics: Metrics,
    readonly repeatedOnly: boolean,
  ) {}

  /** An answer was stored. */
  stored(asked: Asked, digest: string, meta: StoredEntryMeta): void {
    void this.run(async () => {
      if (this.repeatedOnly && !(await this.lookup.note(asked, digest, meta))) return 'noted';
      return this.lookup.remember(asked, digest, meta);
    });
  }

  /** An answer that was stored before was given to the same question once more. Never throws. */
  repeated(context: RequestContext, meta: StoredEntryMeta): void {
    // A copy is never a source.
    if (meta.source !== null || !this.lookup.isUp || !semanticPlan(context).index) return;
    const { digest } = context;
    const once = `${digest} ${meta.epoch}`;
    this.admitted ??= new LRUCache({ max: MAX_ADMITTED, ttl: ADMIT_EVERY_MS });
    if (this.admitted.has(once)) return;
    this.admitted.set(once, true);
    const asked = askedBy(context, questionOf(context.request), this.lookup.settings.isVolatile);
    if (asked.kind === 'asked') void this.run(() => this.lookup.remember(asked, digest, meta));
  }

  /** Never rejects. */
  private async run(learn: () => Promise<SemanticEvent | undefined>): Promise<void> {
    if (this.learning >= MAX_LEARNING) {
      this.metrics.semanticEvent(this.mode, 'error', 'overloaded');
      return;
    }
    this.learning += 1;
    try {
      const event = await learn();
      if (event !== undefined) this.metrics.semanticEvent(this.mode, event);
    } catch (error) {
      this.metrics.semanticEvent(this.mode, 'error', error instanceof EmbedderError ? error.fault : 'index');
    } finally {
      this.learning -= 1;
    }
  }
}
