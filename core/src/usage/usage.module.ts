import { Module } from '@nestjs/common';
import { PriceList } from '@isartor/shared';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { RequestCosts } from './request-costs.ts';

/** What requests use and cost. */
@Module({
  providers: [
    {
      provide: RequestCosts,
      inject: [ConfigToken],
      useFactory: ({ prices, llm }: Config) => new RequestCosts(new PriceList(prices), llm.model),
    },
  ],
  exports: [RequestCosts],
})
export class UsageModule {}
