import {
  Global,
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { Audit, auditOf } from './audit.ts';
import { Log, type Logger } from './log.ts';
import { MetricsServer } from './metrics-server.ts';
import { Metrics, NO_METRICS } from './metrics.port.ts';
import type { Tracing } from './otel/tracing.ts';
import { PrometheusMetrics } from './prometheus-metrics.ts';
import { NO_TRACER, Tracer } from './tracer.port.ts';

/** Longest that the end of the process waits for the collector. */
const FLUSH_MS = 3_000;

const Traces = Symbol('Traces');

/** The log, the metrics and the traces, for every module. */
@Global()
@Module({})
export class TelemetryModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(Traces) private readonly traces: Tracing,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  static forRoot(log: Logger): DynamicModule {
    return {
      module: TelemetryModule,
      providers: [
        { provide: Log, useValue: log },
        { provide: Audit, useValue: auditOf(log) },
        { provide: Metrics, inject: [ConfigToken, Log], useFactory: createMetrics },
        { provide: MetricsServer, inject: [ConfigToken, Metrics], useFactory: createServer },
        { provide: Traces, inject: [ConfigToken, Log], useFactory: createTraces },
        { provide: Tracer, inject: [Traces], useFactory: ({ tracer }: Tracing) => tracer },
      ],
      exports: [Log, Audit, Metrics, Tracer],
    };
  }

  onApplicationBootstrap(): void {
    if (this.metrics instanceof PrometheusMetrics) this.metrics.start();
  }

  /** Requests are over by then: what they left is sent, as far as the collector takes it in time. */
  async onApplicationShutdown(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const deadline = setTimeout(resolve, FLUSH_MS);
    await Promise.race([Promise.all([this.traces.close(), this.stopMetrics()]), late]);
    clearTimeout(deadline);
  }

  private async stopMetrics(): Promise<void> {
    if (!(this.metrics instanceof PrometheusMetrics)) return;
    // The collector's refusal was told already.
    await this.metrics.stop().catch(() => undefined);
  }
}

async function createMetrics(config: Config, log: Logger): Promise<Metrics> {
  const { monitoring } = config;
  if (config.metricsPort === 0 && !monitoring.enabled) return NO_METRICS;
  const push = monitoring.enabled
    ? await (await import('./otel/metric-push.ts')).metricPush(monitoring, log)
    : undefined;
  const { providers, llm, smallModel, prices } = config;
  const configured = [...providers.map(({ model }) => model), llm.model, ...smallModel.replaces, smallModel.model];
  const models = [...configured.filter((name) => name !== undefined), ...Object.keys(prices)];
  return new PrometheusMetrics({ models, push });
}

/** Undefined where there is nothing to tell. */
function createServer({ host, metricsPort }: Config, metrics: Metrics): MetricsServer | undefined {
  return metrics instanceof PrometheusMetrics && metricsPort !== 0
    ? new MetricsServer(metrics, { host, port: metricsPort })
    : undefined;
}

/** What sends is loaded only where something is sent. */
async function createTraces({ monitoring }: Config, log: Logger): Promise<Tracing> {
  if (!monitoring.enabled) return { tracer: NO_TRACER, close: async () => undefined };
  const { createTracing } = await import('./otel/tracing.ts');
  return createTracing(monitoring, log);
}
