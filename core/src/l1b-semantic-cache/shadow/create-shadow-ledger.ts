import type { Config } from '../../config/config.ts';
import { createRedis } from '../../redis/redis-client.ts';
import { MemoryShadowLedger } from './memory-shadow-ledger.ts';
import { RedisShadowLedger } from './redis-shadow-ledger.ts';
import type { ShadowLedger } from './shadow-ledger.port.ts';

/** The ledger lies where the answers are. */
export function createShadowLedger({ cache, redis, semanticCache }: Config): ShadowLedger {
  const { logPairs: keepsTexts } = semanticCache;
  if (cache.backend === 'memory') return new MemoryShadowLedger({ keepsTexts });
  return new RedisShadowLedger({ keepsTexts, namespace: cache.namespace, connect: () => createRedis(redis) });
}
