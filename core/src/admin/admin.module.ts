import { Module } from '@nestjs/common';
import { ANONYMOUS } from '@isartor/shared';
import { ConfigToken } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { RecordAudit } from '../l1a-exact-cache/tenant-records/record-audit.ts';
import { TenantRecordsModule } from '../l1a-exact-cache/tenant-records/tenant-records.module.ts';
import { TenantRecords } from '../l1a-exact-cache/tenant-records/tenant-records.port.ts';
import { AdminGate } from './admin-gate.ts';
import { CacheAdministration } from './cache-administration.ts';

/** The cache's administration. Without an admin key there is no gate, and its routes do not exist. */
@Module({
  imports: [TenantRecordsModule],
  providers: [
    { provide: AdminGate, inject: [ConfigToken], useFactory: createGate },
    {
      provide: CacheAdministration,
      inject: [TenantRecords, RecordAudit, ConfigToken],
      useFactory: createAdministration,
    },
  ],
  exports: [AdminGate, CacheAdministration],
})
export class AdminModule {}

function createGate({ adminKey, auth }: Config): AdminGate | undefined {
  return adminKey === undefined ? undefined : new AdminGate(adminKey, auth.keys);
}

function createAdministration(records: TenantRecords, audit: RecordAudit, { auth }: Config): CacheAdministration {
  const tenants = new Set(auth.keys.map(({ tenant }) => tenant));
  if (auth.mode === 'off') tenants.add(ANONYMOUS.tenant);
  return new CacheAdministration(records, audit, tenants);
}
