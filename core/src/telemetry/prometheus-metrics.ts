import type { ErrorCode, LayerName } from '@isartor/shared';
import { BoundedNames, reasonLabel, statusLabel } from './closed-labels.ts';
import { EventLoopDelay } from './event-loop-delay.ts';
import { Instruments } from './instruments.ts';
import type {
  BreakerState,
  CacheEvent,
  FeedbackOutcome,
  MeasuredModelCall,
  MeasuredRequest,
  Metrics,
  ObservedSize,
  Saving,
  SemanticEvent,
  SemanticThreshold,
  SmallModelDemand,
  Spending,
} from './metrics.port.ts';
import { ModelMetrics } from './model-metrics.ts';
import { JoinedKeys } from './joined-keys.ts';
import type { MetricPush } from './otel/metric-push.ts';

/** Upper bounds in seconds: from a hit in memory to the longest stream. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 900];
/** Upper bounds of a confidence: what models say most is near 1. */
const CONFIDENCES = [0.3, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1];
const NONE = 'none';
const BREAKER_VALUES: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };
const SIZES: Readonly<Record<ObservedSize, readonly [name: string, description: string]>> = {
  'requests-in-flight': ['isartor_requests_in_flight', 'Requests admitted and not yet ended.'],
  'bytes-in-flight': ['isartor_bytes_in_flight', 'Bytes that requests in flight are charged.'],
  'cache-entries': ['isartor_cache_entries', 'Answers in the exact cache of this process.'],
  'cache-bytes': ['isartor_cache_bytes', 'Bytes of the exact cache of this process.'],
  vectors: ['isartor_vector_index_entries', 'Questions in the vector index of this process.'],
  'embedding-queue': ['isartor_embedding_queue', 'Texts that are being embedded or wait for it.'],
};

/** What the figures are made with. */
export interface PrometheusMetricsOptions {
  /** Names of models that have series of their own, beside those of the price list. */
  readonly models?: readonly string[];
  /** Sends them as well. */
  readonly push?: MetricPush | undefined;
}

/** The figures of this process, told in the form that Prometheus reads, and sent by OTLP where that is wanted. */
export class PrometheusMetrics implements Metrics {
  private readonly instruments: Instruments;
  private readonly models: ModelMetrics;
  private readonly counters: ReturnType<typeof countersOf>;
  private readonly durations;
  private readonly layers;
  private readonly confidences;
  private readonly delay = new EventLoopDelay();
  private readonly keys = new JoinedKeys();
  private readonly providers = new BoundedNames();
  private readonly breakerNames = new BoundedNames();
  private readonly readyKeys = new Map<string, () => number>();
  private readonly breakers = new Map<string, BreakerState>();
  private readonly semanticThresholds = new Map<SemanticThreshold, () => number | undefined>();
  private readonly semanticReasons = new BoundedNames();
  private readonly routeReasons = new BoundedNames();
  private readonly comparedModels = new BoundedNames();

  constructor({ models = [], push }: PrometheusMetricsOptions = {}) {
    const instruments = new Instruments(push);
    this.instruments = instruments;
    this.counters = countersOf(instruments);
    this.models = new ModelMetrics(instruments, models);
    this.durations = instruments.histogram('isartor_request_duration_seconds', 'From a request to its end.', BUCKETS);
    this.layers = instruments.histogram('isartor_layer_duration_seconds', 'Time spent in each layer itself.', BUCKETS);
    this.confidences = instruments.histogram(
      'isartor_l2_agreement_confidence',
      'How sure the small model was of what was compared; layer2.least_confidence is chosen by it.',
      CONFIDENCES,
    );
    instruments.gauge('isartor_breaker_state', '0: closed, 1: half open, 2: open (calls are not even tried).', (tell) =>
      this.breakers.forEach((state, breaker) => tell(BREAKER_VALUES[state], { breaker })),
    );
    instruments.gauge('isartor_provider_keys_ready', 'Keys of a provider that do not rest.', (tell) =>
      this.readyKeys.forEach((ready, provider) => tell(ready(), { provider })),
    );
    instruments.gauge(
      'isartor_semantic_threshold',
      'Least cosine of a semantic hit: configured (the one in force) and calibrated; below the latter more hits are wrong.',
      (tell) =>
        this.semanticThresholds.forEach((read, kind) => {
          const threshold = read();
          if (threshold !== undefined) tell(threshold, { kind });
        }),
    );
    observeProcess(instruments);
    instruments.gauge(
      'isartor_event_loop_delay_seconds',
      'How late the event loop was in the last 15 to 30 seconds; quantile 1 is the worst.',
      (tell) => {
        const { median, p99, max } = this.delay.read();
        tell(median, { quantile: '0.5' });
        tell(p99, { quantile: '0.99' });
        tell(max, { quantile: '1' });
      },
    );
  }

  request({ outcome, status, ...request }: MeasuredRequest, seconds: number): void {
    const layer = request.layer ?? NONE;
    const operation = request.operation ?? NONE;
    const shown = statusLabel(status);
    const labels = () => ({ layer, outcome, operation, status: shown });
    this.counters.requests.add(this.keys.of(layer, outcome, operation, shown), labels);
    this.durations.record(this.keys.of(layer, outcome), () => ({ layer, outcome }), seconds);
  }

  layer(layer: LayerName, seconds: number): void {
    this.layers.record(layer, () => ({ layer }), seconds);
  }

  cacheEvent(event: CacheEvent, why?: string): void {
    const reason = reasonLabel(why);
    this.counters.cacheEvents.add(this.keys.of(event, reason), () => ({ event, why: reason }));
  }

  semanticEvent(mode: string, event: SemanticEvent, why?: string): void {
    const reason = why === undefined ? NONE : this.semanticReasons.label(why);
    this.counters.semanticEvents.add(`${mode} ${event} ${reason}`, () => ({ mode, event, why: reason }));
  }

  observeSemanticThreshold(kind: SemanticThreshold, read: () => number | undefined): void {
    this.semanticThresholds.set(kind, read);
  }

  smallModelRoute(route: string, why?: string): void {
    const reason = why === undefined ? NONE : this.routeReasons.label(why);
    this.counters.routes.add(`${route} ${reason}`, () => ({ route, why: reason }));
  }

  smallModelFallback(): void {
    this.counters.fallbacks.add('', () => ({}));
  }

  smallModelAgreement(name: string, agreement: string): void {
    const model = this.comparedModels.label(name);
    this.counters.comparisons.add(`${model} ${agreement}`, () => ({ model, agreement }));
  }

  smallModelConfidence(agreement: string, confidence: number): void {
    this.confidences.record(agreement, () => ({ agreement }), confidence);
  }

  observeSmallModel(demand: SmallModelDemand): void {
    this.instruments.gauge(
      'isartor_l2_pending_requests',
      'Most requests at one time that the small model may answer, in the last minute.',
      (tell) => tell(demand.pending()),
    );
    this.instruments.gauge(
      'isartor_l2_wanted',
      'Requests of the last minute that the small model may answer.',
      (tell) => tell(demand.wanted()),
    );
  }

  feedback(outcome: FeedbackOutcome): void {
    this.counters.reports.add(outcome, () => ({ outcome }));
  }

  modelCall(call: MeasuredModelCall): void {
    this.models.call(call);
  }

  saved(saving: Saving): void {
    this.models.saved(saving);
  }

  spent(spending: Spending): void {
    this.models.spent(spending);
  }

  keyRested(provider: string, key: string, why: string): void {
    this.counters.keyRests.add(`${provider} ${key} ${why}`, () => ({ provider, key, why }));
  }

  observeKeys(provider: string, ready: () => number): void {
    this.readyKeys.set(provider, ready);
  }

  error(code: ErrorCode): void {
    this.counters.errors.add(code, () => ({ code }));
  }

  retry(name: string): void {
    const provider = this.providers.label(name);
    this.counters.retries.add(provider, () => ({ provider }));
  }

  breaker(name: string, state: BreakerState): void {
    this.breakers.set(this.breakerNames.label(name), state);
  }

  breakerGone(name: string): void {
    if (this.breakerNames.forget(name)) this.breakers.delete(name);
  }

  observeSize(size: ObservedSize, read: () => number): void {
    this.instruments.gauge(...SIZES[size], (tell) => tell(read()));
  }

  /** All figures as Prometheus reads them (text format 0.0.4). */
  text(): Promise<string> {
    return this.instruments.text();
  }

  /** Begins to watch the event loop. */
  start(): void {
    this.delay.start();
  }

  async stop(): Promise<void> {
    this.delay.stop();
    await this.instruments.stop();
  }
}

function observeProcess(instruments: Instruments): void {
  instruments.total('isartor_process_cpu_seconds_total', 'CPU time of this process.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  instruments.gauge('isartor_process_memory_bytes', 'Resident memory of this process.', (tell) =>
    tell(process.memoryUsage.rss()),
  );
}

function countersOf(instruments: Instruments) {
  return {
    requests: instruments.counter('isartor_requests_total', 'Requests by what became of them.'),
    cacheEvents: instruments.counter('isartor_cache_events_total', 'What the exact cache did.'),
    semanticEvents: instruments.counter(
      'isartor_semantic_events_total',
      'What the semantic cache did; in shadow, what it would have done.',
    ),
    routes: instruments.counter('isartor_l2_routes_total', 'What was decided about the small model, and why.'),
    fallbacks: instruments.counter(
      'isartor_l2_model_fallbacks_total',
      'Times that a server was found not to serve the configured small model, and its only one stood in.',
    ),
    reports: instruments.counter('isartor_feedback_total', 'Reports of wrong answers, by what became of them.'),
    comparisons: instruments.counter(
      'isartor_l2_agreement_total',
      'Answers of the cloud that the small model was asked for too, by how far the two agree.',
    ),
    errors: instruments.counter('isartor_errors_total', 'Errors by code (docs/errors.md).'),
    keyRests: instruments.counter(
      'isartor_provider_key_rests_total',
      'Times that one of several keys of a provider began to rest, and why.',
    ),
    retries: instruments.counter('isartor_retries_total', 'Calls to a provider that were made again.'),
  };
}
