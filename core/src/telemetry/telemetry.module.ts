import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Log, type Logger } from './log.ts';

/** The log, for every module. */
@Global()
@Module({})
export class TelemetryModule {
  static forRoot(log: Logger): DynamicModule {
    return { module: TelemetryModule, providers: [{ provide: Log, useValue: log }], exports: [Log] };
  }
}
