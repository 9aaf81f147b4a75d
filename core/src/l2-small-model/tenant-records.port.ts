import type { TenantRecord } from '@isartor/shared';

/** Where tenants' records are, as far as this layer reads them: the exact cache's store. */
export interface TenantRecordReader {
  /** Throws when the store is down or too slow. */
  read(tenant: string, digest: undefined): Promise<{ readonly record: TenantRecord | undefined }>;
}

/** Token of the reader. */
export const TenantRecordReader = Symbol('TenantRecordReader');
