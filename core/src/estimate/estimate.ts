import type { LayerName, StoredEntry, StoredEntryMeta, TenantRecord, Usage } from '@isartor/shared';
import { ANONYMOUS, GatewayError, judgeEntry } from '@isartor/shared';
import { standaloneContext } from '../http/standalone-context.ts';
import { cachePlan } from '../l1a-exact-cache/cache-plan.ts';
import type { ExactCacheLayerSettings } from '../l1a-exact-cache/exact-cache-settings.ts';
import { readerView } from '../l1a-exact-cache/reader-view.ts';
import { MemoryVectorIndex } from '../l1b-semantic-cache/adapters/memory-vector-index.ts';
import { askedBy } from '../l1b-semantic-cache/asking.ts';
import type { Embedder } from '../l1b-semantic-cache/embedder.port.ts';
import type { Outcome } from '../l1b-semantic-cache/outcome.ts';
import { questionOf } from '../l1b-semantic-cache/question.ts';
import { SemanticLookup, type Asked } from '../l1b-semantic-cache/semantic-lookup.ts';
import { semanticPlan } from '../l1b-semantic-cache/semantic-plan.ts';
import { volatileRule } from '../l1b-semantic-cache/volatile.ts';
import type { RequestContext } from '../pipeline/request-context.ts';
import { EstimateTally, type Estimate, type Fate } from './estimate-tally.ts';
import type { LogRecord } from './log-record.ts';

/** How the caches are set, for an estimate. */
export interface EstimateSettings {
  readonly ttlSecs: number;
  readonly point: 'strict' | 'balanced' | 'loose';
  /** Least cosine of a hit; undefined: as calibrated. */
  readonly threshold?: number | undefined;
  readonly shareUsers: boolean;
  /** Whether requests that sample are cached. */
  readonly sampled: boolean;
  /** As `semantic_cache.volatile`: words of questions that are neither looked up nor learnt. */
  readonly volatile: readonly string[];
  /** Questions that the index holds at a time. */
  readonly maxQuestions: number;
  /** The model whose price counts for models without one. */
  readonly asIf?: string | undefined;
}

const POLICY = 'estimate';
const EPOCH = '1-estimate';
const RECORD: TenantRecord = { epoch: EPOCH, off: [], quarantine: [] };
/** The embedder failed at a question; told beside the rules. */
const NOT_EMBEDDED = 'not-embedded';
const NO_BYTES = new Uint8Array();
const NOBODY_LEAVES = new AbortController().signal;

/**
 * Lets the requests of a log pass by both caches, empty at first, on the log's own clock: with the core's own keys,
 * rules, index and verifier, and without any provider. What a model answered is stored, what is found in other words is
 * copied, as the core does it where the semantic cache serves.
 */
export async function estimate(
  log: readonly LogRecord[],
  embedder: Embedder,
  settings: EstimateSettings,
  onProgress: (done: number) => void = () => undefined,
): Promise<Estimate> {
  const caches = new SimulatedCaches(embedder, settings);
  const tally = new EstimateTally(settings.asIf);
  const inOrder = log.toSorted((a, b) => a.at - b.at);
  for (const [done, record] of inOrder.entries()) {
    tally.add(record, await caches.pass(record));
    onProgress(done + 1);
  }
  return tally.sum();
}

/** Both caches in memory, on a clock of their own. */
class SimulatedCaches {
  private now = 0;
  private readonly entries = new Map<string, StoredEntry>();
  private readonly exact: ExactCacheLayerSettings;
  private readonly lookup: SemanticLookup;
  private readonly keys: Pick<EstimateSettings, 'shareUsers' | 'sampled'>;

  constructor(embedder: Embedder, settings: EstimateSettings) {
    const { ttlSecs, point, shareUsers, sampled, maxQuestions } = settings;
    const clock = (): number => this.now;
    const store = {
      read: (_tenant: string, digest: string | undefined) =>
        Promise.resolve({ record: RECORD, entry: digest === undefined ? undefined : this.living(digest) }),
    };
    const disabledLayers: readonly LayerName[] = [];
    this.keys = { shareUsers, sampled };
    this.exact = {
      enabled: true,
      answers: true,
      ttlSecs,
      staleSecs: 0,
      shareUsers: settings.shareUsers,
      disabledLayers,
      policy: POLICY,
    };
    const threshold = settings.threshold ?? embedder.threshold ?? 1;
    const judged = {
      policy: POLICY,
      ttlSecs,
      threshold,
      point,
      embedMs: Number.MAX_SAFE_INTEGER,
      disabledLayers,
      isVolatile: volatileRule(settings.volatile),
    };
    this.lookup = new SemanticLookup(embedder, new MemoryVectorIndex(maxQuestions, clock), store, judged, clock);
  }

  /** What becomes of a request; afterwards the caches hold what they would. */
  async pass(record: LogRecord): Promise<Fate> {
    this.now = record.at;
    const context = contextOf(record, this.keys);
    if (context === undefined) return { kind: 'refused' };
    const plan = cachePlan(context, this.exact);
    if (!plan.read && !plan.store) return { kind: 'uncacheable', why: plan.why ?? 'off' };
    if (plan.read && this.hasAnswer(context)) return { kind: 'l1a' };

    const semantic = semanticPlan(context);
    const { isVolatile } = this.lookup.settings;
    const asked = semantic.index ? askedBy(context, questionOf(context.request), isVolatile) : undefined;
    let outcome: Outcome | undefined = asked?.kind === 'ineligible' ? asked : undefined;
    if (asked?.kind === 'asked' && semantic.read) outcome = await this.lookup.find(context, semantic, asked);
    if (outcome?.kind === 'hit') {
      const { digest: source, entry, answered, cosine, probability } = outcome;
      // As a copy that lives and dies with its source.
      if (plan.store && !this.exact.shareUsers) {
        this.entries.set(context.digest, { ...entry, meta: { ...entry.meta, origin: 'l1b', source } });
      }
      const asks = asked?.kind === 'asked' ? asked.text : '';
      return { kind: 'l1b', pair: { asked: asks, answered, cosine, probability: probability ?? null } };
    }
    if (record.answer.status === 200 && plan.store) {
      const entry = this.store(context, record.answer.usage, plan.ttlSecs);
      const isLearnt = asked?.kind !== 'asked' || (await this.remember(asked, context.digest, entry.meta));
      if (!isLearnt) return { kind: 'model', why: NOT_EMBEDDED };
    }
    return { kind: 'model', why: whyNotSemantic(outcome) };
  }

  /** False where that cannot be done: one line is no reason to give up all others. */
  private async remember(asked: Asked, digest: string, meta: StoredEntryMeta): Promise<boolean> {
    try {
      await this.lookup.remember(asked, digest, meta);
      return true;
    } catch {
      return false;
    }
  }

  private hasAnswer(context: RequestContext): boolean {
    const entry = this.living(context.digest);
    if (entry === undefined) return false;
    const view = readerView(context, cachePlan(context, this.exact), this.exact, RECORD, this.now);
    return judgeEntry(entry.meta, view).verdict === 'hit';
  }

  private living(digest: string): StoredEntry | undefined {
    const entry = this.entries.get(digest);
    if (entry === undefined || entry.meta.freshUntil > this.now) return entry;
    this.entries.delete(digest);
    return undefined;
  }

  private store(context: RequestContext, usage: Usage | null, ttlSecs: number | undefined): StoredEntry {
    const lifeMs = Math.min(this.exact.ttlSecs, ttlSecs ?? this.exact.ttlSecs) * 1_000;
    const entry: StoredEntry = {
      body: NO_BYTES,
      meta: {
        v: 1,
        status: 200,
        contentType: 'application/json',
        operation: context.operation,
        layer: 'l3',
        provider: '',
        model: context.request.model ?? '',
        createdAt: this.now,
        freshUntil: this.now + lifeMs,
        staleUntil: this.now + lifeMs,
        epoch: EPOCH,
        policy: POLICY,
        origin: 'l3',
        source: null,
        usage,
      },
    };
    this.entries.set(context.digest, entry);
    return entry;
  }
}

function whyNotSemantic(outcome: Outcome | undefined): string | undefined {
  if (outcome?.kind === 'unavailable') return NOT_EMBEDDED;
  return outcome?.kind === 'ineligible' ? outcome.why : undefined;
}

/** Undefined for a request that the gateway would refuse. */
function contextOf(
  { operation, request, tenant, headers }: LogRecord,
  settings: Pick<EstimateSettings, 'shareUsers' | 'sampled'>,
): RequestContext | undefined {
  if (request === undefined) return undefined;
  try {
    const described = {
      operation,
      request,
      settings,
      header: (name: string) => headers[name],
      query: new URLSearchParams(),
      principal: { ...ANONYMOUS, tenant },
      id: 'estimate',
      signal: NOBODY_LEAVES,
    };
    return standaloneContext(described).context;
  } catch (error) {
    if (error instanceof GatewayError) return undefined;
    throw error;
  }
}
