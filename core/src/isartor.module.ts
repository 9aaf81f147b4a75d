import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { AdminGate } from './admin/admin-gate.ts';
import { AdminModule } from './admin/admin.module.ts';
import { ShadowReports } from './admin/shadow-reports.ts';
import { ConfigModule, ConfigToken } from './config/config.module.ts';
import type { Config } from './config/config.ts';
import { EXPLAIN_PROVIDER } from './explain/explain.provider.ts';
import { FeedbackModule } from './feedback/feedback.module.ts';
import { AdminCacheController } from './http/admin-cache.controller.ts';
import { Admission } from './http/admission.ts';
import { ChatCompletionsController } from './http/chat-completions.controller.ts';
import { CompletionsController } from './http/completions.controller.ts';
import { Dependencies } from './http/dependencies.ts';
import { EmbeddingsController } from './http/embeddings.controller.ts';
import { ErrorFilter } from './http/error.filter.ts';
import { ExplainController } from './http/explain.controller.ts';
import { FeedbackController } from './http/feedback.controller.ts';
import { GeminiController } from './http/gemini.controller.ts';
import { HealthController } from './http/health.controller.ts';
import { InflightBudget } from './inflight/inflight-budget.ts';
import { InflightModule } from './inflight/inflight.module.ts';
import { MessagesController } from './http/messages.controller.ts';
import { ModelsController } from './http/models.controller.ts';
import { NativeChatController } from './http/native-chat.controller.ts';
import { OperationService, OperationSettings } from './http/operation.service.ts';
import { RequestLog } from './http/request-log.ts';
import { HitsController } from './http/hits.controller.ts';
import { UsageController } from './http/usage.controller.ts';
import { ResponsesController } from './http/responses.controller.ts';
import { AuthModule } from './l0-auth/auth.module.ts';
import { Authenticator } from './l0-auth/authenticator.ts';
import { ExactCacheLayer } from './l1a-exact-cache/exact-cache.layer.ts';
import { ExactCacheModule } from './l1a-exact-cache/exact-cache.module.ts';
import { ExactCacheStore } from './l1a-exact-cache/exact-cache-store.port.ts';
import { ExactHits } from './l1a-exact-cache/exact-hits.ts';
import { SemanticCacheLayer } from './l1b-semantic-cache/semantic-cache.layer.ts';
import { SemanticCacheModule } from './l1b-semantic-cache/semantic-cache.module.ts';
import { SmallModelLayer } from './l2-small-model/small-model.layer.ts';
import { SmallModelModule } from './l2-small-model/small-model.module.ts';
import { CloudLayer } from './l3-cloud/cloud.layer.ts';
import { CloudModule } from './l3-cloud/cloud.module.ts';
import { ModelRoutes } from './l3-cloud/routes/model-routes.ts';
import { Lifecycle } from './lifecycle/lifecycle.ts';
import { composeLayers, Pipeline } from './pipeline/compose-layers.ts';
import { Layers, type Layer } from './pipeline/layer.port.ts';
import type { RecordFiles } from './request-record/record-files.ts';
import { recordedPipeline } from './request-record/recorded-pipeline.ts';
import { Records, RequestRecordModule } from './request-record/request-record.module.ts';
import type { Logger } from './telemetry/log.ts';
import { Metrics } from './telemetry/metrics.port.ts';
import { Tracer } from './telemetry/tracer.port.ts';
import { TelemetryModule } from './telemetry/telemetry.module.ts';
import { RequestCosts } from './usage/request-costs.ts';
import { UsageModule } from './usage/usage.module.ts';

/** The core. `LAYERS` is the order in which a request asks them; L0 has let it in before its body was read. */
const LAYERS = [
  ExactCacheLayer, // l1a
  SemanticCacheLayer, // l1b
  SmallModelLayer, // l2
  CloudLayer, // l3
];

function createPipeline(
  layers: readonly Layer[],
  { requestRecord }: Config,
  records: RecordFiles | undefined,
): Pipeline {
  const pipeline = composeLayers(layers);
  if (records === undefined) return pipeline;
  return recordedPipeline(pipeline, requestRecord, (line) => records.write(line));
}

/** What the core is made of. */
@Module({
  imports: [
    AdminModule,
    AuthModule,
    InflightModule,
    ExactCacheModule,
    SemanticCacheModule.register(ExactCacheModule, { answers: ExactCacheStore, repeats: ExactHits }),
    SmallModelModule.register(ExactCacheModule, ExactCacheStore),
    CloudModule,
    FeedbackModule,
    RequestRecordModule,
    UsageModule,
  ],
  controllers: [
    ChatCompletionsController,
    CompletionsController,
    EmbeddingsController,
    MessagesController,
    ResponsesController,
    GeminiController,
    NativeChatController,
    ModelsController,
    HealthController,
    FeedbackController,
    ExplainController,
    AdminCacheController,
    UsageController,
    HitsController,
  ],
  providers: [
    OperationService,
    Dependencies,
    EXPLAIN_PROVIDER,
    ShadowReports,
    RequestLog,
    ErrorFilter,
    { provide: Lifecycle, useFactory: () => new Lifecycle() },
    {
      provide: Layers,
      inject: LAYERS,
      // A layer that the configuration leaves out costs no request anything.
      useFactory: (...layers: (Layer | undefined)[]) => layers.filter((layer) => layer !== undefined),
    },
    { provide: Pipeline, inject: [Layers, ConfigToken, Records], useFactory: createPipeline },
    {
      provide: Admission,
      inject: [Authenticator, InflightBudget, ConfigToken, Tracer, AdminGate],
      useFactory: (
        authenticator: Authenticator,
        budget: InflightBudget,
        { limits }: Config,
        tracer: Tracer,
        adminGate: AdminGate | undefined,
      ) => new Admission({ authenticator, budget, limits, tracer, adminGate }),
    },
    {
      provide: OperationSettings,
      inject: [ConfigToken, RequestCosts, ModelRoutes],
      useFactory: ({ cache, clocks }: Config, costs: RequestCosts, routes: ModelRoutes): OperationSettings => ({
        costs,
        routes,
        shareUsers: cache.shareUsers,
        sampled: cache.sampled,
        stallMs: clocks.betweenBytesMs,
      }),
    },
  ],
})
export class IsartorModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(ExactCacheStore) private readonly store: ExactCacheStore,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(InflightBudget) private readonly budget: InflightBudget,
  ) {}

  static forRoot(config: Config, log: Logger): DynamicModule {
    return { module: IsartorModule, imports: [ConfigModule.forRoot(config), TelemetryModule.forRoot(log)] };
  }

  onApplicationBootstrap(): void {
    this.store.start();
    this.metrics.observeSize('requests-in-flight', () => this.budget.inFlight);
    this.metrics.observeSize('bytes-in-flight', () => this.budget.bytesInFlight);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }
}
