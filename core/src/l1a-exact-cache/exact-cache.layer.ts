import { Inject, Injectable } from '@nestjs/common';
import {
  GatewayError,
  judgeEntry,
  serveEntry,
  type JsonObject,
  type StoredEntry,
  type TenantRecord,
} from '@isartor/shared';
import { Metrics } from '../telemetry/metrics.port.ts';
import type { Answer } from '../pipeline/answer.ts';
import { errorName } from '../pipeline/error-name.ts';
import type { Layer, Next } from '../pipeline/layer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { SingleFlight } from '../pipeline/single-flight.ts';
import { RedisFault } from '../redis/redis-fault.ts';
import { cachePlan, type CachePlan } from './cache-plan.ts';
import { entryOfPlain, entryOfStream, type StoreTerms } from './entry-of.ts';
import { collectEvents } from './collect-events.ts';
import { flightKey, passengerOf } from './flight-key.ts';
import { ExactCacheLayerSettings } from './exact-cache-settings.ts';
import { readerView } from './reader-view.ts';
import { ExactCacheStore, type ExactCacheReading } from './exact-cache-store.port.ts';
import { ExactHits } from './exact-hits.ts';

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
    @Inject(ExactHits) private readonly hits: ExactHits,
  ) {}

  async handle(context: RequestContext, next: Next): Promise<Answer> {
    const plan = cachePlan(context, this.settings);
    if (!plan.read) context.trail.cache = `bypass;why=${plan.why ?? 'off'}`;
    if (!plan.read && !plan.store) return next();

    const reading = await this.read(context, plan);
    const found = plan.read && reading !== undefined ? this.look(context, plan, reading) : {};
    if (found.hit !== undefined) return found.hit;
    const fetch = () => this.fetch(context, plan, reading, next);
    return found.stale === undefined ? fetch() : this.orStale(context, plan, fetch);
  }

  /** Asks the layers below, together with whoever asks the same at the same time, and stores what they answer once. */
  private async fetch(
    context: RequestContext,
    plan: CachePlan,
    reading: ExactCacheReading | undefined,
    next: Next,
  ): Promise<Answer> {
    const key = flightKey(context, plan, reading?.record?.epoch);
    const { answer, coalesced } = await this.flights.join(key, passengerOf(context), async (signal) => {
      const record = reading?.record;
      if (record === undefined) return next({ ...context, signal });
      // A body that came before is parsed and charged here: not when its answer has been paid for.
      const requestBody = context.request.body;
      const fresh = await next({ ...context, signal });
      return this.keep(context, plan, fresh, { record, requestBody });
    });
    if (!coalesced) return answer;
    context.trail.cache = 'coalesced';
    if (answer.route !== undefined) context.trail.route = answer.route;
    // Whoever shares an answer can report it by the same digest as the request that led to it.
    const entry = answer.copied?.digest ?? (answer.stored === undefined ? undefined : context.digest);
    if (entry !== undefined) context.trail.entry = entry;
    return answer;
  }

  /** Bridges a provider that fails with an answer that is fresh no longer, if it may still be served by then. */
  private async orStale(context: RequestContext, plan: CachePlan, fetch: () => Promise<Answer>): Promise<Answer> {
    let failed: Answer | GatewayError;
    try {
      failed = await fetch();
      if (failed.status < 500) return failed;
    } catch (error) {
      if (context.signal.aborted || !(error instanceof GatewayError) || error.fault === 'caller') throw error;
      failed = error;
    }
    // The provider may have taken its time: what was purged or switched off meanwhile must not be served.
    const { hit, stale } = await this.find(context, plan);
    const bridge = hit ?? stale;
    if (bridge === undefined) return raise(failed);
    if (!(failed instanceof GatewayError)) abandon(failed);
    if (hit === undefined) context.trail.cache = 'stale';
    context.trail.entry = context.digest;
    return bridge;
  }

  private async find(context: RequestContext, plan: CachePlan): Promise<Found> {
    const reading = await this.read(context, plan);
    return reading === undefined ? {} : this.look(context, plan, reading);
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
    const judgement = judgeEntry(entry.meta, readerView(context, plan, this.settings, record));
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
    this.hits.tell(context, entry.meta);
    return { hit: answer };
  }

  /** The entry as an answer, or nothing when its body is damaged. */
  private served(context: RequestContext, entry: StoredEntry, ageSecs: number): Answer | undefined {
    try {
      return hitAnswer(context, entry, ageSecs, this.settings.policy);
    } catch (error) {
      this.fault(context, 'read', error);
      context.trail.cache = 'miss;why=error';
      return undefined;
    }
  }

  /**
   * Stores an answer. The epoch is that of the record read before the answer was made: what a purge overtakes is never
   * served. What a layer that is switched off has answered is not kept, here or at the edge.
   */
  private keep(
    context: RequestContext,
    plan: CachePlan,
    answer: Answer,
    { record, requestBody }: { readonly record: TenantRecord; readonly requestBody: JsonObject },
  ): Answer {
    if (record.off.includes(this.name) || record.off.includes(answer.layer)) return answer;
    if (answer.copied !== undefined) return this.keepCopy(context, answer, answer.copied, record);
    const terms = (): StoreTerms => ({
      context,
      requestBody,
      epoch: record.epoch,
      policy: this.settings.standIns?.policyFor(answer.standIn) ?? this.settings.policy,
      settings: this.settings,
      ttlSecs: plan.ttlSecs,
      now: Date.now(),
    });
    switch (answer.body.kind) {
      case 'bytes': {
        const entry = entryOfPlain(terms(), answer, answer.body.bytes);
        if (entry === undefined) return answer;
        this.write(context, entry, answer.onStored);
        return { ...answer, stored: entry.meta };
      }
      case 'events': {
        const store = (stream: Uint8Array): void => {
          const entry = entryOfStream(terms(), answer, stream);
          if (entry !== undefined) this.write(context, entry, answer.onStored);
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

  /** A copy lives as long as its source, and dies with it: it keeps the source's times and epoch, and names it. */
  private keepCopy(
    context: RequestContext,
    answer: Answer,
    { digest, entry }: NonNullable<Answer['copied']>,
    record: TenantRecord,
  ): Answer {
    // A key that leaves the user out would give the copy to users in whose scope its source is not.
    if (record.epoch !== entry.meta.epoch || this.settings.shareUsers) return answer;
    const copy: StoredEntry = { body: entry.body, meta: { ...entry.meta, origin: 'l1b', source: digest } };
    this.write(context, copy);
    // The caller is told of the source, which is what a report of a wrong answer must name.
    context.trail.entry = digest;
    return answer;
  }

  /** Not awaited: the answer does not wait for the store, and this process's next read follows on the same connection. */
  private write(context: RequestContext, entry: StoredEntry, onStored?: Answer['onStored']): void {
    context.trail.entry = context.digest;
    this.store.write(context.digest, entry).then(
      () => this.stored(entry, onStored),
      (error: unknown) => this.fault(context, 'write', error),
    );
  }

  private stored(entry: StoredEntry, onStored: Answer['onStored']): void {
    this.metrics.cacheEvent('stored');
    onStored?.(entry.meta);
  }

  private fault(context: RequestContext, action: 'read' | 'write', error: unknown): void {
    const reason = error instanceof RedisFault ? error.message : errorName(error);
    context.trail.faults.push(`l1a ${action}: ${reason}`);
    this.metrics.cacheEvent('error', action);
  }
}

function hitAnswer(context: RequestContext, entry: StoredEntry, ageSecs: number, policy: string): Answer {
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
    standIn: meta.policy === policy ? undefined : meta.model,
    stored: context.request.stream ? undefined : meta,
  };
}

function raise(failed: Answer | GatewayError): Answer {
  if (failed instanceof GatewayError) throw failed;
  return failed;
}

/** Ends a body that nobody will read. */
function abandon({ body }: Answer): void {
  if (body.kind === 'bytes') return;
  const items: AsyncIterator<unknown> = (body.kind === 'events' ? body.events : body.parts)[Symbol.asyncIterator]();
  items.return?.().catch(() => undefined);
}
