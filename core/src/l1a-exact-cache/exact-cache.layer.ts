import { Inject, Injectable } from '@nestjs/common';
import { GatewayError, judgeEntry, serveEntry, type LayerName, type StoredEntry } from '@isartor/shared';
import { Metrics } from '../telemetry/metrics.port.ts';
import type { Answer } from '../pipeline/answer.ts';
import type { Layer, Next } from '../pipeline/layer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { SingleFlight } from '../pipeline/single-flight.ts';
import { cachePlan, type CachePlan, type ExactCacheSettings } from './cache-plan.ts';
import { entryOfPlain, entryOfStream, type StoreTerms } from './entry-of.ts';
import { collectEvents } from './collect-events.ts';
import { flightKey, passengerOf } from './flight-key.ts';
import { ExactCacheStore, type ExactCacheReading } from './exact-cache-store.port.ts';

/** Settings of this layer and the policy hash under which it reads and stores. */
export interface ExactCacheLayerSettings extends ExactCacheSettings {
  readonly policy: string;
}

/** Token of the settings. */
export const ExactCacheLayerSettings = Symbol('ExactCacheLayerSettings');

/** RFC 9111's word for what is served past its freshness. */
const STALE_WARNING = '110 - "Response is Stale"';

/** What the store had for a request: an answer to give, or one to fall back on. */
interface Found {
  readonly hit?: Answer;
  readonly stale?: Answer;
}

/** L1a: the same canonical request was answered before. */
@Injectable()
export class ExactCacheLayer implements Layer {
  readonly name = 'l1a';

  constructor(
    @Inject(ExactCacheStore) private readonly store: ExactCacheStore,
    @Inject(ExactCacheLayerSettings) private readonly settings: ExactCacheLayerSettings,
    @Inject(SingleFlight) private readonly flights: SingleFlight,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  async handle(context: RequestContext, next: Next): Promise<Answer> {
    const plan = cachePlan(context, this.settings);
    if (!plan.read) context.trail.cache = `bypass;why=${plan.why ?? 'off'}`;
    if (!plan.read && !plan.store) return next();

    const reading = await this.read(context, plan);
    const found = plan.read && reading !== undefined ? this.look(context, plan, reading) : {};
    if (found.hit !== undefined) return found.hit;
    return this.orStale(context, found.stale, () => this.fetch(context, plan, reading?.record?.epoch, next));
  }

  /** Asks the layers below, together with whoever asks the same at the same time, and stores what they answer once. */
  private async fetch(
    context: RequestContext,
    plan: CachePlan,
    epoch: string | undefined,
    next: Next,
  ): Promise<Answer> {
    const key = flightKey(context, plan, epoch);
    const { answer, coalesced } = await this.flights.join(key, passengerOf(context), async (signal) => {
      const fresh = await next({ ...context, signal });
      // The epoch is the one read before the answer was made: what a purge overtakes is never served.
      return epoch === undefined ? fresh : this.keep(context, plan, fresh, epoch);
    });
    if (coalesced) context.trail.cache = 'coalesced';
    return answer;
  }

  /** Bridges a provider that fails with an answer that is fresh no longer. */
  private async orStale(
    context: RequestContext,
    stale: Answer | undefined,
    fetch: () => Promise<Answer>,
  ): Promise<Answer> {
    if (stale === undefined) return fetch();
    let failed: Answer | undefined;
    try {
      const answer = await fetch();
      if (answer.status < 500) return answer;
      failed = answer;
    } catch (error) {
      if (context.signal.aborted || !(error instanceof GatewayError) || error.fault === 'caller') throw error;
    }
    if (failed !== undefined) abandon(failed);
    context.trail.cache = 'stale';
    context.trail.entry = context.digest;
    return stale;
  }

  private async read(context: RequestContext, plan: CachePlan): Promise<ExactCacheReading | undefined> {
    try {
      return await this.store.read(context.principal.tenant, plan.read ? context.digest : undefined);
    } catch (error) {
      this.fault(context, 'read', error);
      if (plan.read) context.trail.cache = 'miss;why=error';
      return undefined;
    }
  }

  private look(context: RequestContext, plan: CachePlan, { record, entry }: ExactCacheReading): Found {
    if (entry === undefined) {
      context.trail.cache = record === undefined ? 'miss;why=epoch' : 'miss;why=absent';
      return {};
    }
    const judgement = judgeEntry(entry.meta, {
      now: Date.now(),
      digest: context.digest,
      record,
      policy: this.settings.policy,
      maxTtlSecs: this.settings.ttlSecs,
      ...(plan.ttlSecs === undefined ? {} : { requestTtlSecs: plan.ttlSecs }),
      skipped: this.skipped(context),
      wantsStream: context.request.stream,
    });
    if (judgement.verdict === 'miss') {
      context.trail.cache = `miss;why=${judgement.why}`;
      return {};
    }
    const answer = this.served(context, entry, judgement.ageSecs);
    if (answer === undefined) return {};
    if (judgement.verdict === 'stale') {
      context.trail.cache = 'miss;why=expired';
      return { stale: { ...answer, headers: { ...answer.headers, warning: STALE_WARNING }, stored: undefined } };
    }
    context.trail.cache = 'hit';
    context.trail.entry = context.digest;
    return { hit: answer };
  }

  /** The entry as an answer, or nothing when its body is damaged. */
  private served(context: RequestContext, entry: StoredEntry, ageSecs: number): Answer | undefined {
    try {
      return hitAnswer(context, entry, ageSecs);
    } catch (error) {
      this.fault(context, 'read', error);
      context.trail.cache = 'miss;why=error';
      return undefined;
    }
  }

  private skipped(context: RequestContext): ReadonlySet<LayerName> {
    return new Set<LayerName>([...this.settings.disabledLayers, ...context.directives.bypass]);
  }

  private keep(context: RequestContext, plan: CachePlan, answer: Answer, epoch: string): Answer {
    const terms = (): StoreTerms => ({
      context,
      epoch,
      policy: this.settings.policy,
      settings: this.settings,
      ttlSecs: plan.ttlSecs,
      now: Date.now(),
    });
    switch (answer.body.kind) {
      case 'bytes': {
        const entry = entryOfPlain(terms(), answer, answer.body.bytes);
        if (entry === undefined) return answer;
        this.write(context, entry);
        return { ...answer, stored: entry.meta };
      }
      case 'events': {
        const store = (stream: Uint8Array): void => {
          const entry = entryOfStream(terms(), answer, stream);
          if (entry !== undefined) this.write(context, entry);
        };
        const events = collectEvents(answer.body.events, store, this.flights.budget);
        return { ...answer, body: { kind: 'events', events } };
      }
      case 'parts':
        return answer;
      default:
        return answer.body satisfies never;
    }
  }

  /** Not awaited: the answer does not wait for the store, and this process's next read follows on the same connection. */
  private write(context: RequestContext, entry: StoredEntry): void {
    context.trail.entry = context.digest;
    this.store.write(context.digest, entry).then(
      () => this.metrics.cacheEvent('stored'),
      (error: unknown) => this.fault(context, 'write', error),
    );
  }

  private fault(context: RequestContext, action: 'read' | 'write', error: unknown): void {
    const reason = error instanceof Error ? error.message : 'unknown';
    context.trail.faults.push(`l1a ${action}: ${reason}`);
    this.metrics.cacheEvent('error', action);
  }
}

function hitAnswer(context: RequestContext, entry: StoredEntry, ageSecs: number): Answer {
  const { meta } = entry;
  const served = serveEntry(entry, { stream: context.request.stream, includeUsage: context.wantsUsage });
  return {
    status: meta.status,
    headers: { 'content-type': served.contentType },
    body: { kind: 'bytes', bytes: served.body },
    layer: 'l1a',
    provider: meta.provider,
    model: meta.model,
    usage: meta.usage,
    ageSecs,
    stored: context.request.stream ? undefined : meta,
  };
}

/** Ends a body that nobody will read. */
function abandon({ body }: Answer): void {
  if (body.kind === 'bytes') return;
  const items: AsyncIterator<unknown> = (body.kind === 'events' ? body.events : body.parts)[Symbol.asyncIterator]();
  items.return?.().catch(() => undefined);
}
