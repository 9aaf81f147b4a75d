import { Inject, Injectable } from '@nestjs/common';
import { ExactCacheStore } from '../l1a-exact-cache/exact-cache-store.port.ts';
import { SemanticCacheHealth } from '../l1b-semantic-cache/semantic-cache-health.ts';
import { ReplicaPool } from '../l2-small-model/replica-pool.ts';
import { KeyPools } from '../l3-cloud/keys/key-pools.ts';

/** What a request may depend on, as `/readyz` tells it. */
@Injectable()
export class Dependencies {
  constructor(
    @Inject(ExactCacheStore) private readonly store: ExactCacheStore,
    @Inject(SemanticCacheHealth) private readonly semanticCache: SemanticCacheHealth,
    @Inject(ReplicaPool) private readonly smallModels: ReplicaPool | undefined,
    @Inject(KeyPools) private readonly keyPools: KeyPools,
  ) {}

  async read() {
    const [exact, semantic] = await Promise.all([this.store.health(), this.semanticCache.read()]);
    const smallModel = this.smallModels?.health();
    return {
      exact_cache: exact,
      semantic_cache: semantic,
      ...(smallModel && { small_model: smallModel }),
      ...(!this.keyPools.isEmpty && { provider_keys: this.keyPools.health() }),
    };
  }
}
