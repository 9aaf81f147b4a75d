import type { Config } from '../../config/config.ts';
import { createRedis } from '../../redis/redis-client.ts';
import { sha256Hex } from '../../sha256-hex.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.port.ts';
import { RedisKeyRests } from './adapters/redis-key-rests.ts';
import { KeyPool, type PooledKey } from './key-pool.ts';
import { KeyPools } from './key-pools.ts';
import { OWN_KEY_RESTS, type KeyRests } from './key-rests.port.ts';
import type { KeyVerdict } from './key-verdict.ts';

/** Digits of a digest: in logs, and between pods. */
const SHOWN = 8;
const TOLD = 32;

/** A pool for each provider with more than one key, shared by all pods where they share a Redis. */
export function createKeyPools(config: Config, log: Logger, metrics: Metrics): KeyPools {
  const { cache, redis, providers, keyOrder: order } = config;
  const pooled = providers.filter(({ keys }) => keys.length > 1);
  const rests: KeyRests =
    cache.backend === 'memory' || pooled.length === 0
      ? OWN_KEY_RESTS
      : new RedisKeyRests({ namespace: cache.namespace, connect: () => createRedis(redis), log });
  const pools = pooled.map(({ name: provider, url, keys }): [string, KeyPool] => {
    const onRest = ({ name: key, digest, id }: PooledKey, { why, restMs }: KeyVerdict): void => {
      metrics.keyRested(provider, key, why);
      const line = { provider, key, digest, why, restSecs: Math.ceil(restMs / 1_000) };
      if (why === 'limited') log.warn(line, 'a key of a provider rests');
      else log.error(line, 'a key of a provider is set aside');
      rests.tell({ id, why, restMs });
    };
    const named = keys.map(({ name, key }) => ({
      name,
      digest: sha256Hex(key).slice(0, SHOWN),
      // With the address: one key at two providers is two.
      id: sha256Hex(JSON.stringify([url, key])).slice(0, TOLD),
    }));
    const pool = new KeyPool({ keys: named, order, onRest });
    metrics.observeKeys(provider, () => pool.ready);
    return [provider, pool];
  });
  return new KeyPools(new Map(pools), rests);
}
