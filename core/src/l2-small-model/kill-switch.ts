import { LRUCache } from 'lru-cache';
import type { TenantRecordReader } from './tenant-records.port.ts';

const MAX_TENANTS = 4_096;

/** Whether a tenant has the small model switched off. While its record cannot be read, what it last said is in force. */
export class KillSwitch {
  private readonly known = new LRUCache<string, boolean>({ max: MAX_TENANTS });

  constructor(private readonly records: TenantRecordReader) {}

  async isOff(tenant: string): Promise<boolean> {
    try {
      const { record } = await this.records.read(tenant, undefined);
      const off = record?.off.includes('l2') ?? false;
      this.known.set(tenant, off);
      return off;
    } catch {
      // The cache's layer has told of the outage.
      return this.known.get(tenant) ?? false;
    }
  }
}
