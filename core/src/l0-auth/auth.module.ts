import { Module } from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { Authenticator } from './authenticator.ts';

/** L0. */
@Module({
  providers: [
    {
      provide: Authenticator,
      inject: [ConfigToken],
      useFactory: ({ auth, edge }: Config) =>
        new Authenticator({ mode: auth.mode, keys: auth.keys, edgeSecret: edge.secret, edgeOnly: edge.only }),
    },
  ],
  exports: [Authenticator],
})
export class AuthModule {}
