import { Module } from '@nestjs/common';
import { ConfigToken } from '../../config/config.module.ts';
import type { Config } from '../../config/config.ts';
import { createRedis } from '../../redis/redis-client.ts';
import { Log, type Logger } from '../../telemetry/log.ts';
import { MemoryExactCacheStore } from '../adapters/memory-exact-cache-store.ts';
import { ExactCacheModule } from '../exact-cache.module.ts';
import { ExactCacheStore } from '../exact-cache-store.port.ts';
import { LatestEpochs } from '../latest-epochs.ts';
import { MemoryTenantRecords } from './memory-tenant-records.ts';
import { RecordAudit } from './record-audit.ts';
import { RedisTenantRecords } from './redis-tenant-records.ts';
import { TenantRecords } from './tenant-records.port.ts';

/** The records that decide which stored answers may be served, for whoever may change them. */
@Module({
  imports: [ExactCacheModule],
  providers: [
    {
      provide: TenantRecords,
      inject: [ConfigToken, ExactCacheStore, { token: LatestEpochs, optional: true }],
      useFactory: createRecords,
    },
    {
      provide: RecordAudit,
      inject: [TenantRecords, Log],
      useFactory: (records: TenantRecords, log: Logger) => new RecordAudit(records, log),
    },
  ],
  exports: [TenantRecords, RecordAudit],
})
export class TenantRecordsModule {}

function createRecords(config: Config, store: ExactCacheStore, epochs: LatestEpochs | undefined): TenantRecords {
  if (store instanceof MemoryExactCacheStore) return new MemoryTenantRecords(store);
  return new RedisTenantRecords({
    namespace: config.cache.namespace,
    connect: (timeoutMs) => createRedis({ ...config.redis, timeoutMs }),
    onChange: (tenant, record) => void epochs?.admit(tenant, record),
  });
}
