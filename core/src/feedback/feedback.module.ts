import { Module } from '@nestjs/common';
import { ExactCacheModule } from '../l1a-exact-cache/exact-cache.module.ts';
import { ExactCacheStore } from '../l1a-exact-cache/exact-cache-store.port.ts';
import { RecordAudit } from '../l1a-exact-cache/tenant-records/record-audit.ts';
import { TenantRecordsModule } from '../l1a-exact-cache/tenant-records/tenant-records.module.ts';
import { Metrics } from '../telemetry/metrics.port.ts';
import { FeedbackLimit } from './feedback-limit.ts';
import { Feedback } from './feedback.ts';

/** Callers' reports of wrong answers. */
@Module({
  imports: [ExactCacheModule, TenantRecordsModule],
  providers: [
    {
      provide: Feedback,
      inject: [ExactCacheStore, RecordAudit, Metrics],
      useFactory: (store: ExactCacheStore, audit: RecordAudit, metrics: Metrics) =>
        new Feedback(store, audit, new FeedbackLimit(), metrics),
    },
  ],
  exports: [Feedback],
})
export class FeedbackModule {}
