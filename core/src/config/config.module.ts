import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Config } from './config.ts';

/** Token of the settings in force. */
export const ConfigToken = Symbol('Config');

/** The settings in force, for every module. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(config: Config): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: ConfigToken, useValue: config }], exports: [ConfigToken] };
  }
}
