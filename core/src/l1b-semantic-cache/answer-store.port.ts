import type { StoredEntry, TenantRecord } from '@isartor/shared';

/** Where answers are kept, as far as this layer reads them: the exact cache's store, which keeps them once for both. */
export interface AnswerStore {
  /** The tenant's record and, when `digest` is given, the entry. Throws when the store is down or too slow. */
  read(
    tenant: string,
    digest: string | undefined,
  ): Promise<{ readonly record: TenantRecord | undefined; readonly entry: StoredEntry | undefined }>;
}

/** Token of the store. */
export const AnswerStore = Symbol('AnswerStore');
