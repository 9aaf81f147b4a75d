import { Module } from '@nestjs/common';
import type { LayerName } from '@isartor/shared';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { policyHash } from '../config/policy-hash.ts';
import { InflightModule } from '../inflight/inflight.module.ts';
import { ByteBudget } from '../pipeline/byte-budget.ts';
import { SingleFlight } from '../pipeline/single-flight.ts';
import { StandIns } from '../pipeline/stand-ins.ts';
import { StandInsModule } from '../stand-ins/stand-ins.module.ts';
import { createRedis } from '../redis/redis-client.ts';
import { sha256Hex } from '../sha256-hex.ts';
import { Log, type Logger } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.port.ts';
import { MemoryExactCacheStore } from './adapters/memory-exact-cache-store.ts';
import { RedisExactCacheStore } from './adapters/redis-exact-cache-store.ts';
import { ExactCacheExplainer } from './explain-exact-cache.ts';
import { ExactCacheLayer } from './exact-cache.layer.ts';
import { ExactCacheLayerSettings } from './exact-cache-settings.ts';
import { ExactCacheStore } from './exact-cache-store.port.ts';
import { ExactHits } from './exact-hits.ts';
import { LatestEpochs } from './latest-epochs.ts';

/** What a flight keeps of a stream for those who are behind, and for how long it waits for them. */
const FLIGHT_BOUNDS = { maxBytes: 4 * 1024 * 1024, lagMs: 10_000 };

/** L1a. */
@Module({
  imports: [InflightModule, StandInsModule],
  providers: [
    ExactCacheLayer,
    {
      provide: SingleFlight,
      inject: [ByteBudget],
      useFactory: (budget: ByteBudget) => new SingleFlight({ ...FLIGHT_BOUNDS, budget }),
    },
    { provide: ExactHits, useFactory: () => new ExactHits() },
    { provide: LatestEpochs, useFactory: () => new LatestEpochs() },
    { provide: ExactCacheStore, inject: [ConfigToken, Log, LatestEpochs, Metrics], useFactory: createStore },
    { provide: ExactCacheLayerSettings, inject: [ConfigToken, StandIns], useFactory: settingsOf },
    {
      provide: ExactCacheExplainer,
      inject: [ExactCacheLayerSettings],
      useFactory: (settings: ExactCacheLayerSettings) => new ExactCacheExplainer(settings),
    },
  ],
  exports: [ExactCacheLayer, ExactCacheExplainer, ExactCacheStore, ExactHits, LatestEpochs],
})
export class ExactCacheModule {}

function createStore(config: Config, log: Logger, epochs: LatestEpochs, metrics: Metrics): ExactCacheStore {
  const { cache } = config;
  if (cache.backend === 'memory') {
    const store = new MemoryExactCacheStore({ maxEntries: cache.maxCapacity, maxBytes: cache.maxBytes });
    metrics.observeSize('cache-entries', () => store.size.entries);
    metrics.observeSize('cache-bytes', () => store.size.bytes);
    return store;
  }
  metrics.breaker('redis', 'closed');
  return new RedisExactCacheStore(createRedis(config.redis), {
    namespace: cache.namespace,
    published: { policy: policyHash(config, sha256Hex), keys: config.auth.keys },
    log,
    epochs,
    onBreaker: (state) => metrics.breaker('redis', state),
  });
}

function settingsOf(config: Config, standIns: StandIns): ExactCacheLayerSettings {
  const { cache } = config;
  return {
    enabled: cache.mode !== 'off',
    answers: cache.mode !== 'semantic',
    ttlSecs: cache.ttlSecs,
    staleSecs: cache.staleSecs,
    shareUsers: cache.shareUsers,
    disabledLayers: disabledLayers(config),
    policy: policyHash(config, sha256Hex),
    standIns,
  };
}

function disabledLayers(config: Config): readonly LayerName[] {
  const disabled: LayerName[] = [];
  const { cache, semanticCache } = config;
  if (cache.mode === 'exact' || cache.mode === 'off' || semanticCache.mode === 'shadow') disabled.push('l1b');
  if (config.smallModel.backend === 'none') disabled.push('l2');
  return disabled;
}
