import { Module } from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { ByteBudget } from '../pipeline/byte-budget.ts';
import { InflightBudget } from './inflight-budget.ts';

/** What may be in flight: one budget for requests, their bodies, and what is kept of answers meanwhile. */
@Module({
  providers: [
    {
      provide: InflightBudget,
      inject: [ConfigToken],
      useFactory: ({ limits }: Config) =>
        new InflightBudget({ maxRequests: limits.maxInflightRequests, maxBytes: limits.maxInflightBytes }),
    },
    { provide: ByteBudget, useExisting: InflightBudget },
  ],
  exports: [InflightBudget, ByteBudget],
})
export class InflightModule {}
