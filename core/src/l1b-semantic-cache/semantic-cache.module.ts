import {
  Inject,
  Module,
  type DynamicModule,
  type InjectionToken,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { policyHash } from '../config/policy-hash.ts';
import { StandIns } from '../pipeline/stand-ins.ts';
import { StandInsModule } from '../stand-ins/stand-ins.module.ts';
import { sha256Hex } from '../sha256-hex.ts';
import { Log, type Logger } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.port.ts';
import { AnswerStore } from './answer-store.port.ts';
import { createEmbedder } from './create-embedder.ts';
import { createVectorIndex } from './create-vector-index.ts';
import { Embedder } from './embedder.port.ts';
import { SemanticCacheExplainer } from './explain-semantic-cache.ts';
import { Repeats } from './repeats.port.ts';
import { SemanticCacheHealth } from './semantic-cache-health.ts';
import { Lookup, SemanticCacheLayer } from './semantic-cache.layer.ts';
import { SemanticLearner } from './semantic-learner.ts';
import { SemanticLookup } from './semantic-lookup.ts';
import { logStart } from './log-start.ts';
import { createShadowLedger } from './shadow/create-shadow-ledger.ts';
import { ShadowLedger } from './shadow/shadow-ledger.port.ts';
import { SemanticMode } from './semantic-mode.ts';
import { volatileRule } from './volatile.ts';
import { VectorIndex } from './vector-index.port.ts';

/** L1b. */
@Module({
  providers: [
    SemanticCacheLayer,
    { provide: SemanticMode, inject: [ConfigToken], useFactory: modeOf },
    { provide: Embedder, inject: [ConfigToken, SemanticMode, Log, Metrics], useFactory: createEmbedder },
    { provide: VectorIndex, inject: [ConfigToken, Log, Metrics], useFactory: createVectorIndex },
    {
      provide: SemanticLearner,
      inject: [ConfigToken, Lookup, SemanticMode, Metrics],
      useFactory: ({ semanticCache }: Config, lookup: SemanticLookup, mode: SemanticMode, metrics: Metrics) =>
        new SemanticLearner(lookup, mode, metrics, semanticCache.repeatedOnly),
    },
    { provide: ShadowLedger, inject: [ConfigToken], useFactory: createShadowLedger },
    { provide: Lookup, inject: [ConfigToken, Embedder, VectorIndex, AnswerStore, StandIns], useFactory: createLookup },
    {
      provide: SemanticCacheExplainer,
      inject: [SemanticMode, Lookup],
      useFactory: (mode: SemanticMode, lookup: SemanticLookup) => new SemanticCacheExplainer(mode, lookup),
    },
    {
      provide: SemanticCacheHealth,
      inject: [SemanticMode, Embedder, VectorIndex],
      useFactory: (mode: SemanticMode, embedder: Embedder, index: VectorIndex) =>
        new SemanticCacheHealth(mode, embedder, index),
    },
  ],
  exports: [SemanticCacheLayer, SemanticCacheHealth, SemanticCacheExplainer, SemanticMode, ShadowLedger],
})
export class SemanticCacheModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(SemanticMode) private readonly mode: SemanticMode,
    @Inject(Lookup) private readonly lookup: SemanticLookup,
    @Inject(SemanticLearner) private readonly learner: SemanticLearner,
    @Inject(Repeats) private readonly repeats: Repeats,
    @Inject(ShadowLedger) private readonly ledger: ShadowLedger,
    @Inject(SemanticCacheHealth) private readonly health: SemanticCacheHealth,
    @Inject(Log) private readonly log: Logger,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** Takes the tokens under which `from` exports the store of answers, and who tells that one was given again. */
  static register(
    from: NonNullable<ModuleMetadata['imports']>[number],
    { answers, repeats }: { readonly answers: InjectionToken; readonly repeats: InjectionToken },
  ): DynamicModule {
    return {
      module: SemanticCacheModule,
      imports: [from, StandInsModule],
      providers: [
        { provide: AnswerStore, useExisting: answers },
        { provide: Repeats, useExisting: repeats },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.mode === 'off') return;
    this.lookup.start(this.mode === 'serve');
    if (this.learner.repeatedOnly) this.repeats.listen((context, meta) => this.learner.repeated(context, meta));
    if (this.mode === 'shadow') this.ledger.start();
    const { lookup } = this;
    this.metrics.observeSemanticThreshold('configured', () => lookup.settings.threshold);
    this.metrics.observeSemanticThreshold('calibrated', () => lookup.calibrated);
    const report = await this.health.read();
    logStart(this.log, report, this.lookup);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.lookup.close(), this.ledger.close()]);
  }
}

function modeOf({ cache, semanticCache }: Config): SemanticMode {
  return cache.mode === 'both' || cache.mode === 'semantic' ? semanticCache.mode : 'off';
}

function createLookup(
  config: Config,
  embedder: Embedder,
  index: VectorIndex,
  store: AnswerStore,
  standIns: StandIns,
): SemanticLookup {
  return new SemanticLookup(embedder, index, store, {
    policy: policyHash(config, sha256Hex),
    standIns,
    ttlSecs: config.cache.ttlSecs,
    threshold: config.semanticCache.similarityThreshold ?? embedder.threshold ?? 1,
    point: config.semanticCache.point,
    embedMs: config.semanticCache.timeoutMs,
    disabledLayers: config.smallModel.backend === 'none' ? ['l2'] : [],
    isVolatile: volatileRule(config.semanticCache.volatile),
  });
}
