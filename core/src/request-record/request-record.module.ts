import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { Log, type Logger } from '../telemetry/log.ts';
import { RecordFiles } from './record-files.ts';

/** Token of the files; undefined where nothing is recorded. */
export const Records = Symbol('Records');

/** The record of requests and answers, where the operator asked for it. */
@Module({
  providers: [{ provide: Records, inject: [ConfigToken, Log], useFactory: openRecords }],
  exports: [Records],
})
export class RequestRecordModule implements OnApplicationShutdown {
  constructor(@Inject(Records) private readonly records: RecordFiles | undefined) {}

  async onApplicationShutdown(): Promise<void> {
    await this.records?.close();
  }
}

function openRecords({ requestRecord }: Config, log: Logger): RecordFiles | undefined {
  const { dir, ...bounds } = requestRecord;
  if (dir === undefined) return undefined;
  const files = new RecordFiles({ dir, ...bounds }, (code) =>
    log.warn({ code }, 'the record of requests cannot be written'),
  );
  log.warn({ masked: requestRecord.masked, keepDays: requestRecord.keepDays }, 'prompts and answers are recorded');
  return files;
}
