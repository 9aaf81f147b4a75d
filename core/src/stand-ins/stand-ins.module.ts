import { Module } from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { policyHash } from '../config/policy-hash.ts';
import { sha256Hex } from '../sha256-hex.ts';
import { StandIns } from '../pipeline/stand-ins.ts';

/** The small model's layer tells who stands in, and the caches ask. */
@Module({
  providers: [
    {
      provide: StandIns,
      inject: [ConfigToken],
      useFactory: (config: Config) => new StandIns(policyHash(config, sha256Hex), sha256Hex),
    },
  ],
  exports: [StandIns],
})
export class StandInsModule {}
