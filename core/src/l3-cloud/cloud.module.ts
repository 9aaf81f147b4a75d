import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { Log, type Logger } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.port.ts';
import { UsageModule } from '../usage/usage.module.ts';
import { HttpProvider } from './adapters/http-provider.ts';
import { CallMeter } from './call-meter.ts';
import { CloudLayer } from './cloud.layer.ts';
import { CloudExplainer } from './explain-cloud.ts';
import { FallbackChain } from './fallback-chain.ts';
import { createKeyPools } from './keys/create-key-pools.ts';
import { KeyPools } from './keys/key-pools.ts';
import { PooledProvider } from './keys/pooled-provider.ts';
import { ModelCatalogue } from './model-catalogue.ts';
import { Providers, type Provider } from './provider.port.ts';
import { ModelRoutes } from './routes/model-routes.ts';

/** L3. */
@Module({
  imports: [UsageModule],
  providers: [
    CallMeter,
    CloudLayer,
    ModelCatalogue,
    { provide: ModelRoutes, inject: [ConfigToken], useFactory: ({ routes }: Config) => new ModelRoutes(routes) },
    { provide: KeyPools, inject: [ConfigToken, Log, Metrics], useFactory: createKeyPools },
    { provide: Providers, inject: [ConfigToken, KeyPools], useFactory: createProviders },
    {
      provide: FallbackChain,
      inject: [Providers, ConfigToken, Log, Metrics, CallMeter, ModelRoutes],
      useFactory: createChain,
    },
    {
      provide: CloudExplainer,
      inject: [FallbackChain],
      useFactory: (chain: FallbackChain) => new CloudExplainer(chain),
    },
  ],
  exports: [CloudLayer, CloudExplainer, KeyPools, ModelCatalogue, ModelRoutes, Providers],
})
export class CloudModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    @Inject(Providers) private readonly providers: readonly Provider[],
    @Inject(KeyPools) private readonly keyPools: KeyPools,
  ) {}

  onApplicationBootstrap(): void {
    this.keyPools.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.keyPools.close(), ...this.providers.map((provider) => provider.close())]);
  }
}

function createProviders({ providers, clocks, azureIdentity }: Config, pools: KeyPools): readonly Provider[] {
  return providers.map(({ model, dialect, keys, ...provider }) => {
    const betweenBytesMs = provider.betweenBytesMs ?? clocks.betweenBytesMs;
    const withKey = (apiKey: string | undefined): Provider =>
      new HttpProvider(dialect, { ...provider, apiKey, defaultModel: model, betweenBytesMs, azureIdentity });
    const pool = pools.poolOf(provider.name);
    if (pool === undefined) return withKey(provider.apiKey);
    return new PooledProvider(
      keys.map(({ key }) => withKey(key)),
      pool,
    );
  });
}

function createChain(
  providers: readonly Provider[],
  config: Config,
  log: Logger,
  metrics: Metrics,
  meter: CallMeter,
  routes: ModelRoutes,
): FallbackChain {
  for (const { name } of providers) metrics.breaker(name, 'closed');
  return new FallbackChain({
    providers,
    defaultModel: config.llm.model,
    clocks: config.clocks,
    routes,
    retry: config.retry,
    breaker: config.breaker,
    onCall: (call, context) => meter.add(call, context),
    onRetry: (provider) => metrics.retry(provider),
    onBreakerChange: (provider, state) => {
      metrics.breaker(provider, state);
      log.warn({ provider, state }, 'breaker');
    },
  });
}
