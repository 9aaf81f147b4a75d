import type { LayerName } from '../layer/layer-name.ts';
import type { CachePolicy, KeyRecord } from './key-record.ts';

/** Who asks, and what the key allows. */
export interface Principal {
  readonly tenant: string;
  readonly keyName: string;
  readonly cache: CachePolicy;
  /** Seconds; undefined: as configured. */
  readonly ttlSecs: number | undefined;
  /** undefined: all. */
  readonly layers: readonly LayerName[] | undefined;
}

/** Everyone, where `ISARTOR__AUTH__MODE` is `off`. */
export const ANONYMOUS: Principal = {
  tenant: 'default',
  keyName: 'anonymous',
  cache: 'both',
  ttlSecs: undefined,
  layers: undefined,
};

/** The owner of a key. */
export function principalOf(record: KeyRecord): Principal {
  const { tenant, name, cache, ttlSecs, layers } = record;
  return { tenant, keyName: name, cache, ttlSecs, layers };
}
