import { judgeEntry, type JsonObject, type StoredEntryMeta } from '@isartor/shared';
import type { LayerExplainer, LayerExplanation, StoreReading } from '../pipeline/layer-explainer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { cachePlan, type CachePlan } from './cache-plan.ts';
import type { ExactCacheLayerSettings } from './exact-cache-settings.ts';
import { readerView } from './reader-view.ts';

/** Says what the exact cache would do. */
export class ExactCacheExplainer implements LayerExplainer {
  readonly name = 'l1a';

  constructor(private readonly settings: ExactCacheLayerSettings) {}

  explain(context: RequestContext, reading: StoreReading): Promise<LayerExplanation> {
    const plan = cachePlan(context, this.settings);
    const { would, why, cache } = this.verdict(context, plan, reading);
    const entry = 'entry' in reading && reading.entry !== undefined ? told(reading.entry.meta) : null;
    const may = { may_read: plan.read, may_store: plan.store, ttl_secs: plan.ttlSecs ?? this.settings.ttlSecs };
    return Promise.resolve({ layer: this.name, would, why, cache, ...may, entry });
  }

  /** `cache`: as in `x-isartor-cache`. */
  private verdict(context: RequestContext, plan: CachePlan, reading: StoreReading) {
    if (!plan.read) {
      const why = `the exact cache is not read: ${plan.why ?? 'off'}`;
      return { would: 'pass on', why, cache: `bypass;why=${plan.why ?? 'off'}` } as const;
    }
    if ('fault' in reading) return miss('error', `the store of answers cannot be read: ${reading.fault}`);
    const { record, entry } = reading;
    if (record === undefined) return miss('epoch', 'nothing of this tenant is stored yet');
    if (entry === undefined) return miss('absent', 'no answer is stored under this key');
    const judgement = judgeEntry(entry.meta, readerView(context, plan, this.settings, record));
    if (judgement.verdict === 'miss')
      return miss(judgement.why, `an answer is stored, and may not be served: ${judgement.why}`);
    if (judgement.verdict === 'stale') {
      return miss(
        'expired',
        'an answer is stored that is fresh no longer: it would stand in for a provider that fails',
      );
    }
    return { would: 'answer', why: `an answer is stored, ${judgement.ageSecs} s old`, cache: 'hit' } as const;
  }
}

function miss(reason: string, why: string) {
  return { would: 'pass on', why, cache: `miss;why=${reason}` } as const;
}

/** What may be told of an entry: where it comes from and how long it lives, never what it says. */
function told({
  createdAt,
  freshUntil,
  staleUntil,
  layer,
  origin,
  provider,
  model,
  source,
}: StoredEntryMeta): JsonObject {
  return {
    created_at: new Date(createdAt).toISOString(),
    fresh_until: new Date(freshUntil).toISOString(),
    stale_until: new Date(staleUntil).toISOString(),
    fresh: Date.now() < freshUntil,
    layer,
    origin,
    provider,
    model,
    source,
  };
}
