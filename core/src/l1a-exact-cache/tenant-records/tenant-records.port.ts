import type { LayerName, TenantRecord } from '@isartor/shared';

/** Something to do to a tenant's record. */
export type TenantChange =
  /** A new epoch: every stored answer of the tenant is gone at once, and nothing is quarantined any more. */
  | { readonly kind: 'purge' }
  /** The kill switch: the layer's stored answers are not served until it is switched on again. */
  | { readonly kind: 'switch-off' | 'switch-on'; readonly layer: LayerName }
  /** One entry is not served again. The 257th renews the epoch instead. */
  | { readonly kind: 'quarantine'; readonly digest: string };

/** A record before and after a change. */
export interface ChangedRecord {
  /** Undefined when the tenant had none, or a damaged one. */
  readonly before: TenantRecord | undefined;
  readonly after: TenantRecord;
}

/**
 * What is in force for each tenant's stored answers, for whoever may change it. A change is one atomic step: two at the
 * same time both take effect.
 */
export interface TenantRecords {
  /** The record in force; undefined when there is none. Throws GatewayError (503) when it cannot be read. */
  read(tenant: string): Promise<TenantRecord | undefined>;
  /**
   * Changes the record. When it resolves, every reader of the store obeys, replicas too. Throws GatewayError (503) when
   * the store did not confirm that: the change may or may not be in force, and may be asked for again.
   */
  change(tenant: string, change: TenantChange): Promise<ChangedRecord>;
}

/** Token of the records in use. */
export const TenantRecords = Symbol('TenantRecords');
