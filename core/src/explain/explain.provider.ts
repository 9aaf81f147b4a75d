import type { FactoryProvider } from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { ExactCacheStore } from '../l1a-exact-cache/exact-cache-store.port.ts';
import { ExactCacheExplainer } from '../l1a-exact-cache/explain-exact-cache.ts';
import { SemanticCacheExplainer } from '../l1b-semantic-cache/explain-semantic-cache.ts';
import { SmallModelExplainer } from '../l2-small-model/explain-small-model.ts';
import { CloudExplainer } from '../l3-cloud/explain-cloud.ts';
import { ModelRoutes } from '../l3-cloud/routes/model-routes.ts';
import { Explain } from './explain.ts';

/** Where the modules of all layers are imported; in the order in which a request asks them. */
export const EXPLAIN_PROVIDER: FactoryProvider<Explain> = {
  provide: Explain,
  inject: [
    ConfigToken,
    ExactCacheStore,
    ExactCacheExplainer,
    SemanticCacheExplainer,
    SmallModelExplainer,
    CloudExplainer,
    ModelRoutes,
  ],
  useFactory: (
    { cache }: Config,
    store: ExactCacheStore,
    exact: ExactCacheExplainer,
    semantic: SemanticCacheExplainer,
    small: SmallModelExplainer,
    cloud: CloudExplainer,
    routes: ModelRoutes,
  ) =>
    new Explain({
      settings: { shareUsers: cache.shareUsers, sampled: cache.sampled, routes },
      store,
      semantic,
      layers: [exact, semantic, small, cloud],
    }),
};
