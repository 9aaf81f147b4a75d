import type { Config } from '../config/config.ts';
import { createRedis } from '../redis/redis-client.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.port.ts';
import { MemoryVectorIndex } from './adapters/memory-vector-index.ts';
import { RedisVectorIndex } from './adapters/redis-vector-index.ts';
import type { VectorIndex } from './vector-index.port.ts';

/**
 * The index that the settings ask for; `auto` is where the answers are. Memory of each process alone never stands in
 * for what all pods share unless it is set outright.
 */
export function createVectorIndex({ cache, semanticCache }: Config, log: Logger, metrics: Metrics): VectorIndex {
  const { index } = semanticCache;
  if (index === 'memory' || (index === 'auto' && cache.backend === 'memory')) {
    const vectors = new MemoryVectorIndex(cache.maxCapacity);
    metrics.observeSize('vectors', () => vectors.size);
    return vectors;
  }
  metrics.breaker('vector-redis', 'closed');
  return new RedisVectorIndex(createRedis(semanticCache.redis), {
    namespace: cache.namespace,
    log,
    onBreaker: (state) => metrics.breaker('vector-redis', state),
  });
}
