import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { Log, type Logger } from './log.ts';
import { MetricsServer } from './metrics-server.ts';
import { Metrics, NO_METRICS } from './metrics.port.ts';
import { PrometheusMetrics } from './prometheus-metrics.ts';

/** The log and the metrics, for every module. */
@Global()
@Module({})
export class TelemetryModule {
  static forRoot(log: Logger): DynamicModule {
    return {
      module: TelemetryModule,
      providers: [
        { provide: Log, useValue: log },
        { provide: Metrics, inject: [ConfigToken], useFactory: createMetrics },
        { provide: MetricsServer, inject: [ConfigToken, Metrics], useFactory: createServer },
      ],
      exports: [Log, Metrics],
    };
  }
}

function createMetrics({ metricsPort }: Config): Metrics {
  return metricsPort === 0 ? NO_METRICS : new PrometheusMetrics();
}

/** Undefined where there is nothing to tell. */
function createServer({ host, metricsPort }: Config, metrics: Metrics): MetricsServer | undefined {
  return metrics instanceof PrometheusMetrics ? new MetricsServer(metrics, { host, port: metricsPort }) : undefined;
}
