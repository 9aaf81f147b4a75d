import { Inject, Injectable } from '@nestjs/common';
import { judgeEntry, serveEntry, type LayerName, type StoredEntry } from '@isartor/shared';
import { Log, type Logger } from '../telemetry/log.ts';
import type { Answer } from '../pipeline/answer.ts';
import type { Layer, Next } from '../pipeline/layer.port.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { cachePlan, type CachePlan, type ExactCacheSettings } from './cache-plan.ts';
import { entryOfPlain, entryOfStream, type StoreTerms } from './entry-of.ts';
import { collectEvents } from './collect-events.ts';
import { ExactCacheStore, type ExactCacheReading } from './exact-cache-store.port.ts';

/** Settings of this layer and the policy hash under which it reads and stores. */
export interface ExactCacheLayerSettings extends ExactCacheSettings {
  readonly policy: string;
}

/** Token of the settings. */
export const ExactCacheLayerSettings = Symbol('ExactCacheLayerSettings');

/** L1a: the same canonical request was answered before. */
@Injectable()
export class ExactCacheLayer implements Layer {
  readonly name = 'l1a';

  constructor(
    @Inject(ExactCacheStore) private readonly store: ExactCacheStore,
    @Inject(ExactCacheLayerSettings) private readonly settings: ExactCacheLayerSettings,
    @Inject(Log) private readonly log: Logger,
  ) {}

  async handle(context: RequestContext, next: Next): Promise<Answer> {
    const plan = cachePlan(context, this.settings);
    if (!plan.read) context.trail.cache = `bypass;why=${plan.why ?? 'off'}`;
    if (!plan.read && !plan.store) return next();

    const reading = await this.read(context, plan);
    if (reading === undefined) return next();
    if (plan.read) {
      const hit = this.hit(context, plan, reading);
      if (hit !== undefined) return hit;
    }
    const answer = await next();
    // The epoch is the one read before the answer was made: what a purge overtakes is never served.
    return reading.record === undefined ? answer : this.keep(context, plan, answer, reading.record.epoch);
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

  private hit(context: RequestContext, plan: CachePlan, { record, entry }: ExactCacheReading): Answer | undefined {
    if (entry === undefined) {
      context.trail.cache = record === undefined ? 'miss;why=epoch' : 'miss;why=absent';
      return undefined;
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
    if (judgement.verdict !== 'hit') {
      context.trail.cache = `miss;why=${judgement.verdict === 'miss' ? judgement.why : 'expired'}`;
      return undefined;
    }
    context.trail.cache = 'hit';
    context.trail.entry = context.digest;
    return hitAnswer(context, entry, judgement.ageSecs);
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
        const events = collectEvents(answer.body.events, (stream) => {
          const entry = entryOfStream(terms(), answer, stream);
          if (entry !== undefined) this.write(context, entry);
        });
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
    this.store.write(context.digest, entry).catch((error: unknown) => this.fault(context, 'write', error));
  }

  private fault(context: RequestContext, action: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : 'unknown';
    context.trail.faults.push(`l1a ${action}: ${reason}`);
    this.log.debug({ requestId: context.id, action, reason }, 'exact cache store failed');
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
