import { LAYER_NAMES, MAX_QUARANTINE, nextEpoch, type TenantRecord } from '@isartor/shared';
import type { TenantChange } from './tenant-records.port.ts';

/**
 * The record that a change makes of another, or of none: what change-record.lua.ts does inside Redis, for a store in
 * memory and for a dry run. `nowMs` is unix milliseconds.
 */
export function changeRecord(before: TenantRecord | undefined, change: TenantChange, nowMs: number): TenantRecord {
  const renewed = nextEpoch(nowMs, before?.epoch);
  const record = before ?? { epoch: renewed, off: [], quarantine: [] };
  switch (change.kind) {
    case 'purge':
      return { ...record, epoch: renewed, quarantine: [] };
    case 'switch-off':
      return { ...record, off: LAYER_NAMES.filter((layer) => layer === change.layer || record.off.includes(layer)) };
    case 'switch-on':
      return { ...record, off: record.off.filter((layer) => layer !== change.layer) };
    case 'quarantine': {
      if (record.quarantine.includes(change.digest)) return record;
      if (record.quarantine.length >= MAX_QUARANTINE) return { ...record, epoch: renewed, quarantine: [] };
      return { ...record, quarantine: [...record.quarantine, change.digest] };
    }
    default:
      return change satisfies never;
  }
}
