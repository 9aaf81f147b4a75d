import type { Meter, ObservableCounter } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { ErrorCode, LayerName } from '@isartor/shared';
import { BoundedNames, reasonLabel, statusLabel } from './closed-labels.ts';
import { EventLoopDelay } from './event-loop-delay.ts';
import { HistogramTally } from './histogram-tally.ts';
import type {
  BreakerState,
  CacheEvent,
  FeedbackOutcome,
  MeasuredRequest,
  Metrics,
  SemanticEvent,
  SmallModelDemand,
} from './metrics.port.ts';
import { Tally } from './tally.ts';

/** Upper bounds in seconds: from a hit in memory to the longest stream. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 900];
const NONE = 'none';
const BREAKER_VALUES: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** The figures of this process in OpenTelemetry's instruments, told in the form that Prometheus reads. */
export class PrometheusMetrics implements Metrics {
  private readonly reader = new PrometheusExporter({ preventServerStart: true });
  /** No prefix, no time stamps, no labels of the resource, no target_info, no scope: a pod's labels come with the scrape. */
  private readonly serializer = new PrometheusSerializer('', false, undefined, true, true);
  private readonly provider = new MeterProvider({ readers: [this.reader] });
  private readonly meter: Meter = this.provider.getMeter('isartor');
  private readonly delay = new EventLoopDelay();
  private readonly providers = new BoundedNames();
  private readonly breakerNames = new BoundedNames();
  private readonly breakers = new Map<string, BreakerState>();
  private readonly requests = this.counter('isartor_requests_total', 'Requests by what became of them.');
  private readonly cacheEvents = this.counter('isartor_cache_events_total', 'What the exact cache did.');
  private readonly semanticReasons = new BoundedNames();
  private readonly semanticEvents = this.counter(
    'isartor_semantic_events_total',
    'What the semantic cache did; in shadow, what it would have done.',
  );
  private readonly routeReasons = new BoundedNames();
  private readonly routes = this.counter('isartor_l2_routes_total', 'What was decided about the small model, and why.');
  private readonly fallbacks = this.counter(
    'isartor_l2_model_fallbacks_total',
    'Times that a server was found not to serve the configured small model, and its only one stood in.',
  );
  private readonly reports = this.counter(
    'isartor_feedback_total',
    'Reports of wrong answers, by what became of them.',
  );
  private readonly errors = this.counter('isartor_errors_total', 'Errors by code (docs/errors.md).');
  private readonly retries = this.counter('isartor_retries_total', 'Calls to a provider that were made again.');
  private readonly durations = new HistogramTally(
    'isartor_request_duration_seconds',
    'From a request to its end.',
    BUCKETS,
  );
  private readonly layers = new HistogramTally(
    'isartor_layer_duration_seconds',
    'Time spent in each layer itself.',
    BUCKETS,
  );
  private inFlight: (() => number) | undefined;

  constructor() {
    this.observeBreakers();
    this.observeRequestsInFlight();
    this.observeLoop();
  }

  request({ outcome, status, ...request }: MeasuredRequest, seconds: number): void {
    const layer = request.layer ?? NONE;
    const operation = request.operation ?? NONE;
    const labels = () => ({ layer, outcome, operation, status: statusLabel(status) });
    this.requests.add(`${layer} ${outcome} ${operation} ${statusLabel(status)}`, labels);
    this.durations.record(`${layer} ${outcome}`, () => ({ layer, outcome }), seconds);
  }

  layer(layer: LayerName, seconds: number): void {
    this.layers.record(layer, () => ({ layer }), seconds);
  }

  cacheEvent(event: CacheEvent, why?: string): void {
    const reason = reasonLabel(why);
    this.cacheEvents.add(`${event} ${reason}`, () => ({ event, why: reason }));
  }

  semanticEvent(mode: string, event: SemanticEvent, why?: string): void {
    const reason = why === undefined ? NONE : this.semanticReasons.label(why);
    this.semanticEvents.add(`${mode} ${event} ${reason}`, () => ({ mode, event, why: reason }));
  }

  smallModelRoute(route: string, why?: string): void {
    const reason = why === undefined ? NONE : this.routeReasons.label(why);
    this.routes.add(`${route} ${reason}`, () => ({ route, why: reason }));
  }

  smallModelFallback(): void {
    this.fallbacks.add('', () => ({}));
  }

  observeSmallModel(demand: SmallModelDemand): void {
    this.gauge(
      'isartor_l2_pending_requests',
      'Most requests at one time that the small model may answer, in the last minute.',
      () => demand.pending(),
    );
    this.gauge('isartor_l2_wanted', 'Requests of the last minute that the small model may answer.', () =>
      demand.wanted(),
    );
  }

  feedback(outcome: FeedbackOutcome): void {
    this.reports.add(outcome, () => ({ outcome }));
  }

  error(code: ErrorCode): void {
    this.errors.add(code, () => ({ code }));
  }

  retry(name: string): void {
    const provider = this.providers.label(name);
    this.retries.add(provider, () => ({ provider }));
  }

  breaker(name: string, state: BreakerState): void {
    this.breakers.set(this.breakerNames.label(name), state);
  }

  observeInFlight(read: () => number): void {
    this.inFlight = read;
  }

  /** All figures as Prometheus reads them (text format 0.0.4). */
  async text(): Promise<string> {
    const { resourceMetrics } = await this.reader.collect();
    const histograms: (typeof resourceMetrics.scopeMetrics)[number] = {
      scope: { name: 'isartor' },
      metrics: [this.durations.data(), this.layers.data()],
    };
    return this.serializer.serialize({
      ...resourceMetrics,
      scopeMetrics: [...resourceMetrics.scopeMetrics, histograms],
    });
  }

  /** Begins to watch the event loop. */
  start(): void {
    this.delay.start();
  }

  async stop(): Promise<void> {
    this.delay.stop();
    await this.provider.shutdown();
  }

  private counter(name: string, description: string): Tally {
    const tally = new Tally();
    const counter: ObservableCounter = this.meter.createObservableCounter(name, { description });
    counter.addCallback((result) => {
      for (const { labels, count } of tally.values()) result.observe(count, labels);
    });
    return tally;
  }

  private gauge(name: string, description: string, read: () => number): void {
    this.meter.createObservableGauge(name, { description }).addCallback((result) => result.observe(read()));
  }

  private observeBreakers(): void {
    const description = '0: closed, 1: half open, 2: open (calls are not even tried).';
    const gauge = this.meter.createObservableGauge('isartor_breaker_state', { description });
    gauge.addCallback((result) => {
      for (const [breaker, state] of this.breakers) result.observe(BREAKER_VALUES[state], { breaker });
    });
  }

  private observeRequestsInFlight(): void {
    const description = 'Requests admitted and not yet ended.';
    const gauge = this.meter.createObservableGauge('isartor_requests_in_flight', { description });
    gauge.addCallback((result) => {
      if (this.inFlight !== undefined) result.observe(this.inFlight());
    });
  }

  private observeLoop(): void {
    const description = 'How late the event loop was since the last scrape; quantile 1 is the worst.';
    const gauge = this.meter.createObservableGauge('isartor_event_loop_delay_seconds', { description });
    gauge.addCallback((result) => {
      const { median, p99, max } = this.delay.take();
      result.observe(median, { quantile: '0.5' });
      result.observe(p99, { quantile: '0.99' });
      result.observe(max, { quantile: '1' });
    });
  }
}
