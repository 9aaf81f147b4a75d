import { Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { PriceList } from '@isartor/shared';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { createRedis } from '../redis/redis-client.ts';
import { MemoryUsageLedger } from './adapters/memory-usage-ledger.ts';
import { RedisUsageLedger } from './adapters/redis-usage-ledger.ts';
import { RequestCosts } from './request-costs.ts';
import { UsageLedger } from './usage-ledger.port.ts';

/** What requests use and cost. */
@Module({
  providers: [
    {
      provide: RequestCosts,
      inject: [ConfigToken],
      useFactory: ({ prices, llm }: Config) => new RequestCosts(new PriceList(prices), llm.model),
    },
    { provide: UsageLedger, inject: [ConfigToken], useFactory: createLedger },
  ],
  exports: [RequestCosts, UsageLedger],
})
export class UsageModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(UsageLedger) private readonly ledger: UsageLedger) {}

  onApplicationBootstrap(): void {
    this.ledger.start();
  }

  /** Requests are over by then, and what they used is passed on. */
  async onApplicationShutdown(): Promise<void> {
    await this.ledger.close();
  }
}

/** The ledger lies where the answers are. */
function createLedger({ cache, redis, usage }: Config): UsageLedger {
  const keepHours = usage.keepDays * 24;
  if (cache.backend === 'memory') return new MemoryUsageLedger({ keepHours });
  return new RedisUsageLedger({ keepHours, namespace: cache.namespace, connect: () => createRedis(redis) });
}
