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
import { sha256Hex } from '../sha256-hex.ts';
import { Log, type Logger } from '../telemetry/log.ts';
import { MemoryVectorIndex } from './adapters/memory-vector-index.ts';
import { readModelFolder } from './adapters/model-folder.ts';
import { OnnxEmbedder } from './adapters/onnx-embedder.ts';
import { AnswerStore } from './answer-store.port.ts';
import { Embedder } from './embedder.port.ts';
import { Lookup, SemanticCacheLayer, SemanticMode } from './semantic-cache.layer.ts';
import { SemanticLookup } from './semantic-lookup.ts';
import { VectorIndex } from './vector-index.port.ts';

/** Longest wait for a vector while a client waits: a provider answers in seconds. */
const EMBED_MS = 250;

/** L1b. */
@Module({
  providers: [
    SemanticCacheLayer,
    { provide: SemanticMode, inject: [ConfigToken], useFactory: modeOf },
    { provide: Embedder, inject: [ConfigToken, SemanticMode, Log], useFactory: createEmbedder },
    {
      provide: VectorIndex,
      inject: [ConfigToken],
      useFactory: ({ cache }: Config) => new MemoryVectorIndex(cache.maxCapacity),
    },
    { provide: Lookup, inject: [ConfigToken, Embedder, VectorIndex, AnswerStore], useFactory: createLookup },
  ],
  exports: [SemanticCacheLayer],
})
export class SemanticCacheModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(Embedder) private readonly embedder: Embedder | undefined,
    @Inject(VectorIndex) private readonly index: VectorIndex,
  ) {}

  /** `store`: the token under which `from` exports the store of answers. */
  static register(from: NonNullable<ModuleMetadata['imports']>[number], store: InjectionToken): DynamicModule {
    return {
      module: SemanticCacheModule,
      imports: [from],
      providers: [{ provide: AnswerStore, useExisting: store }],
    };
  }

  onApplicationBootstrap(): void {
    this.embedder?.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.embedder?.close(), this.index.close()]);
  }
}

function modeOf({ cache, semanticCache }: Config): SemanticMode {
  return cache.mode === 'both' || cache.mode === 'semantic' ? semanticCache.mode : 'off';
}

function createEmbedder(config: Config, mode: SemanticMode, log: Logger): Embedder | undefined {
  if (mode === 'off') return undefined;
  const { embedder, modelDir, index } = config.semanticCache;
  const without = (why: string): undefined => {
    log.info(`the semantic cache (L1b) is off: ${why}`);
    return undefined;
  };
  if (embedder === 'sidecar' || embedder === 'builtin') return without(`this version has no ${embedder} embedder yet`);
  if (index === 'redis')
    return without('this version keeps vectors in memory only; set semantic_cache.index to memory');
  if (index === 'auto' && config.cache.backend === 'redis') {
    return without('vectors would be kept by each process alone; set semantic_cache.index to memory to allow that');
  }
  if (modelDir === undefined)
    return without('it has no embedding model; set semantic_cache.model_dir to a folder with one');
  try {
    const folder = readModelFolder(modelDir);
    log.info(
      { model: folder.name, mode, threshold: thresholdOf(config, folder.threshold) },
      'the semantic cache (L1b) is on',
    );
    return new OnnxEmbedder(folder, {
      onFault: (reason) => log.warn({ reason }, 'the embedding model does not run; it is started again'),
    });
  } catch (error) {
    return without(error instanceof Error ? error.message : 'the model folder cannot be read');
  }
}

function createLookup(
  config: Config,
  embedder: Embedder | undefined,
  index: VectorIndex,
  store: AnswerStore,
): SemanticLookup | undefined {
  if (embedder === undefined) return undefined;
  return new SemanticLookup(embedder, index, store, {
    policy: policyHash(config, sha256Hex),
    ttlSecs: config.cache.ttlSecs,
    threshold: thresholdOf(config, embedder.threshold),
    embedMs: EMBED_MS,
    disabledLayers: config.smallModel.backend === 'none' ? ['l2'] : [],
  });
}

function thresholdOf({ semanticCache }: Config, calibrated: number): number {
  return semanticCache.similarityThreshold ?? calibrated;
}
